"""DataTransfer from stations: vendors' own messages (OCPP 1.6 §4.3)."""

from typing import Final

from msgspec import UNSET

from csms.gateway.dialects.v16.vendors import VENDORS
from csms.gateway.dialects.v16.vendors.answers import Answer
from csms.gateway.dialects.v16.words import given
from csms.gateway.turn import Handler, LiveStation, Turn
from csms.kit.facts import Fact, detail
from csms.ocpp import v16

_UNKNOWN_VENDOR: Final = Answer("UnknownVendorId")


def data_transfer(live: LiveStation, request: v16.DataTransfer, turn: Turn) -> v16.DataTransferResponse:
    """What was said is kept as a fact, whether or not we know the vendor; its handler, if there is one, draws the conclusions."""
    message_id, data = given(request.message_id), given(request.data)
    said = detail(vendor_id=request.vendor_id, message_id=message_id, data=data)
    turn.changes.append(Fact("DataReceived", turn.now, live.station.id, None, said))
    handle = VENDORS.get(request.vendor_id)
    answer = _UNKNOWN_VENDOR if handle is None else handle(live, message_id, data, turn)
    return v16.DataTransferResponse(status=answer.status, data=UNSET if answer.data is None else answer.data)


HANDLERS: Final = {"DataTransfer": Handler(data_transfer)}
