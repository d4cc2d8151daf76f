"""Skylark, the vendor of the simulated stations, and the example to copy for a real one.

`DoorStatus`, data `{"open": true}`: somebody opened the cabinet, or closed it. It becomes a fact (`StationDoorOpened`,
`StationDoorClosed`) in the commit of the frame that said so; data that is anything else is rejected and kept in the frame.

To add a vendor: a module like this one with `VENDOR_ID` and `handle`, a line in `VENDORS`, and a test that says the message.
"""

from typing import Final

import msgspec

from csms.gateway.dialects.v16.vendors.answers import UNKNOWN_MESSAGE, Answer
from csms.gateway.turn import LiveStation, Turn
from csms.kit.facts import Fact

VENDOR_ID: Final = "org.skylark"


class DoorStatus(msgspec.Struct, frozen=True):
    open: bool


_door_status = msgspec.json.Decoder(DoorStatus)


def handle(live: LiveStation, message_id: str | None, data: str | None, turn: Turn) -> Answer:
    if message_id != "DoorStatus":
        return UNKNOWN_MESSAGE
    try:
        door = _door_status.decode(data or "")
    except (msgspec.DecodeError, UnicodeEncodeError):
        return Answer("Rejected")
    kind = "StationDoorOpened" if door.open else "StationDoorClosed"
    turn.changes.append(Fact(kind, turn.now, live.station.id, None, "{}"))
    return Answer("Accepted")
