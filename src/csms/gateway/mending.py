"""Calls that a strict reader refuses, or that cannot be so, mended as far as their station's repairs allow."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final, NamedTuple

from msgspec import Struct

from csms.domain.quirks.live import Quirks, count
from csms.domain.quirks.rules import TIME_FORMAT, TRANSACTION_ID
from csms.gateway.dialects.quirks.repairs import BROKEN_JSON, REPAIRS
from csms.gateway.dialects.quirks.text import without_gaps
from csms.gateway.turn import LiveStation
from csms.kit.changes import Change
from csms.ocpp.codec import DECODE_FAILURES, ENCODE_FAILURES, ENCODER, decoder
from csms.ocpp.endpoint import Event, IncomingCall, Rejected
from csms.ocpp.errors import OcppError
from csms.ocpp.frames import Call, decode_frame
from csms.ocpp.protocol import Protocol, Sender

_decode: Final = decoder(dict[str, Any]).decode
_OF_FORM: Final = frozenset(name for name, repair in REPAIRS.items() if repair.of_form)


class Mending(NamedTuple):
    """The repairs that were applied to a frame, and those that would have made it acceptable but are not on."""

    applied: tuple[str, ...]
    missed: tuple[str, ...]


class _Mended(NamedTuple):
    call: IncomingCall
    applied: tuple[str, ...]


def mended(event: Event, data: bytes, live: LiveStation, protocol: Protocol) -> tuple[Event, Mending | None]:
    """The call as it was meant, if the station's repairs make one of it; else what came in, and what would have helped."""
    refused = type(event) is Rejected
    repairs = live.quirks.repairs if live.quirks is not None else ()
    if not refused and (type(event) is not IncomingCall or not repairs):
        return event, None
    done = _attempt(data, live, protocol, {*repairs, TIME_FORMAT}, refused)
    if done is not None:
        return done.call, Mending(done.applied, ())
    if refused:
        possible = _attempt(data, live, protocol, {*repairs, *_OF_FORM, TRANSACTION_ID}, refused)
        if possible is not None:
            return event, Mending((), tuple(name for name in possible.applied if name not in repairs))
    return event, None


def mended_again(
    data: bytes, event: Event, repairs: Collection[str], live: LiveStation, protocol: Protocol
) -> IncomingCall | None:
    """The call as these repairs had made it of a stored frame; None if they no longer do. `event` is what a strict reader says."""
    done = _attempt(data, live, protocol, repairs, type(event) is Rejected)
    return done.call if done is not None else None


def noted(mending: Mending, live: LiveStation, frame_id: int, now: datetime, changes: list[Change]) -> None:
    """Count a frame's repairs in the frame's own commit."""
    station_id = live.station.id
    quirks = live.quirks = live.quirks or Quirks()
    count(quirks, mending.applied, station_id, frame_id, now, changes, applied=True)
    count(quirks, mending.missed, station_id, frame_id, now, changes, applied=False)


def _attempt(
    data: bytes, live: LiveStation, protocol: Protocol, names: Collection[str], refused: bool
) -> _Mended | None:
    """Apply these repairs; None where they change nothing, or not enough."""
    applied: list[str] = []
    frame = decode_frame(data)
    if type(frame) is not Call:
        frame = decode_frame(without_gaps(data)) if BROKEN_JSON in names else frame
        applied.append(BROKEN_JSON)
    action = protocol.received_by(Sender.CSMS).get(frame.action) if type(frame) is Call else None
    if type(frame) is not Call or action is None:
        return None
    try:
        document = _decode(frame.payload)
        if frame.action == "BootNotification" and (live.quirks is None or live.quirks.assigned is None):
            names = {*names, *_at_boot(document, live)}
        applied += _apply(document, action.request, live, names, refused)
        if not applied:
            return None
        request = action.decode_request(ENCODER.encode(document))
    except (OcppError, *DECODE_FAILURES, *ENCODE_FAILURES, OverflowError):
        return None
    return _Mended(IncomingCall(frame.message_id, action, request), tuple(applied))


def _apply(
    document: dict[str, Any], kind: type[Struct], live: LiveStation, names: Collection[str], refused: bool
) -> list[str]:
    return [
        name
        for name, repair in REPAIRS.items()
        if name in names and (refused or not repair.of_form) and repair.mend(document, kind, live)
    ]


def _at_boot(document: dict[str, Any], live: LiveStation) -> tuple[str, ...]:
    """A BootNotification that needs repairs itself names the station that it is from."""
    names = (document.get(name) for name in ("chargePointVendor", "chargePointModel", "firmwareVersion"))
    profile = live.profiles.of(*(name if isinstance(name, str) else None for name in names))
    return profile.repairs if profile is not None else ()
