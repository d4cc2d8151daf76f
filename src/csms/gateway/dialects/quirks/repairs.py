"""Every repair there is, in the order in which they are applied."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from msgspec import Struct

from csms.domain.quirks.rules import ABSURD_ENERGY, CONNECTOR_ID, METER_STOP_IS_ENERGY, TIME_FORMAT, TRANSACTION_ID
from csms.gateway.dialects.quirks import meaning, shape
from csms.gateway.turn import LiveStation
from csms.ocpp.mending import mend_times_in

BROKEN_JSON: Final = "broken_json"  # a repair of the text; all others work on the decoded payload


class Repair(NamedTuple):
    """Mends a payload in place and tells whether it changed anything.

    `of_form` repairs are needed for what the schema refuses, and only then applied; the others look at every call of a station
    for which they are on.
    """

    mend: Callable[[dict[str, Any], type[Struct], LiveStation], bool]
    of_form: bool


def _form(mend: Callable[[dict[str, Any], type[Struct]], bool]) -> Repair:
    return Repair(lambda document, kind, _live: mend(document, kind), of_form=True)


def _meaning(mend: Callable[[dict[str, Any], LiveStation], bool]) -> Repair:
    return Repair(lambda document, _kind, live: mend(document, live), of_form=False)


REPAIRS: Final = {
    BROKEN_JSON: Repair(lambda _document, _kind, _live: False, of_form=True),
    TRANSACTION_ID: _meaning(meaning.transaction_id),
    "null_fields": _form(shape.null_fields),
    "extra_fields": _form(shape.extra_fields),
    "loose_types": _form(shape.loose_types),
    "long_strings": _form(shape.long_strings),
    "unknown_values": _form(shape.unknown_values),
    "local_times": Repair(
        lambda document, kind, live: mend_times_in(document, kind, meaning.zone_of(live)), of_form=True
    ),
    TIME_FORMAT: Repair(lambda document, kind, _live: mend_times_in(document, kind), of_form=True),
    "local_times_said_utc": _meaning(meaning.utc_said_local),
    CONNECTOR_ID: _meaning(meaning.connector_id),
    "energy_kwh_said_wh": _meaning(meaning.energy_kwh_said_wh),
    "energy_wh_said_kwh": _meaning(meaning.energy_wh_said_kwh),
    "power_kw_said_w": _meaning(meaning.power_kw_said_w),
    "power_w_said_kw": _meaning(meaning.power_w_said_kw),
    "register_in_kwh": _meaning(meaning.register_in_kwh),
    "register_in_tenths_of_kwh": _meaning(meaning.register_in_tenths_of_kwh),
    "register_in_tenths": _meaning(meaning.register_in_tenths),
    METER_STOP_IS_ENERGY: _meaning(meaning.meter_stop_is_energy),
    ABSURD_ENERGY: _meaning(meaning.absurd_energy),
}
