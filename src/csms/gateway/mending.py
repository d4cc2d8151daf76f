"""Calls that a strict reader refuses for the way they write a time, taken all the same: energy is not lost over a format."""

from csms.ocpp.endpoint import IncomingCall, Rejected
from csms.ocpp.errors import OcppError
from csms.ocpp.mending import mend_times
from csms.ocpp.protocol import Protocol, Sender


def mended(event: Rejected, protocol: Protocol) -> IncomingCall | Rejected:
    """The call with its date-times in RFC 3339, if that was all that was wrong with it; else what came in."""
    frame = event.frame
    action = protocol.received_by(Sender.CSMS).get(frame.action) if frame is not None else None
    if frame is None or action is None:
        return event
    payload = mend_times(frame.payload, action.request)
    if payload is None:
        return event
    try:
        return IncomingCall(frame.message_id, action, action.decode_request(payload))
    except OcppError:
        return event
