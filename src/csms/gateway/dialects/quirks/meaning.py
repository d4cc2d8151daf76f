"""Repairs of meaning: what the schema takes but cannot be so. They need to know what the link knows of the station."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from csms.domain.sessions.live import LiveSession
from csms.gateway.turn import LiveStation

Object = dict[str, Any]

MOST_CONNECTORS: Final = 9_999
MOST_DELIVERED_WH: Final = 10_000_000  # ten megawatt-hours: more than any session there ever was
_TRANSACTIONS: Final = 2**31  # every transaction id of ours is below
_UTC: Final = ZoneInfo("UTC")


def zone_of(live: LiveStation) -> tzinfo:
    """The zone of the station's location, UTC without one."""
    with suppress(ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(live.time_zone or "UTC")
    return _UTC


def utc_said_local(document: Object, live: LiveStation) -> bool:
    """Times that say Z and mean the location's own time."""
    changed = False
    zone = zone_of(live)
    for value in _timed(document):
        with suppress(ValueError, OverflowError, TypeError):
            at = datetime.fromisoformat(value["timestamp"])
            if at.utcoffset() is not None and not at.utcoffset():
                value["timestamp"] = at.replace(tzinfo=zone).isoformat()
                changed |= zone is not _UTC
    return changed


def _timed(document: Object) -> Iterator[Object]:
    if "timestamp" in document:
        yield document
    yield from (value for value in _meter_values(document) if "timestamp" in value)


def _meter_values(document: Object) -> Iterator[Object]:
    for name in ("meterValue", "transactionData"):
        values = document.get(name)
        if isinstance(values, list):
            yield from (value for value in values if isinstance(value, dict))


def _samples(document: Object) -> Iterator[Object]:
    for value in _meter_values(document):
        samples = value.get("sampledValue")
        if isinstance(samples, list):
            yield from (sample for sample in samples if isinstance(sample, dict))


def connector_id(document: Object, live: LiveStation) -> bool:
    """A connector number beyond reason is the only connector there is, else the whole station."""
    said = document.get("connectorId")
    if not isinstance(said, int) or 0 <= said <= MOST_CONNECTORS:
        return False
    evses = {evse for evse, _ in live.station.connectors if evse > 0}
    document["connectorId"] = evses.pop() if len(evses) == 1 else int("meterStart" in document)
    return True


def transaction_id(document: Object, live: LiveStation) -> bool:
    """A transaction id that is missing, 0 or beyond reason is the only transaction running on its connector.

    Where there is none, MeterValues go without, and an end is that of an unknown transaction (errata 3.18).
    """
    is_stop = "meterStop" in document
    said = document.get("transactionId")
    if not (is_stop or "meterValue" in document) or (
        isinstance(said, int) and (0 < said < _TRANSACTIONS or said == -1)
    ):
        return False
    running = _running(document, live)
    if running is not None:
        document["transactionId"] = running.id
    elif is_stop:
        document["transactionId"] = -1
    elif said is None:
        return False
    else:
        del document["transactionId"]
    return True


def _running(document: Object, live: LiveStation) -> LiveSession | None:
    """The only session running on the connector that is spoken of, or on the station where none is."""
    evse = document.get("connectorId")
    running = [session for session in live.sessions.active.values() if evse in (None, session.evse)]
    return running[0] if len(running) == 1 else None


def meter_stop_is_energy(document: Object, live: LiveStation) -> bool:
    """A meterStop below the meterStart of its transaction is what was delivered."""
    session = _session_of(document, live)
    meter_stop = document.get("meterStop")
    if session is None or not isinstance(meter_stop, int) or not 0 <= meter_stop < session.meter_start_wh:
        return False
    document["meterStop"] = session.meter_start_wh + meter_stop
    return True


def absurd_energy(document: Object, live: LiveStation) -> bool:
    """Energy that no session can have delivered is left out of the readings (and stays in the stored frame)."""
    session = _session_of(document, live)
    if session is None:
        return False
    changed = False
    for value in _meter_values(document):
        samples = value.get("sampledValue")
        if isinstance(samples, list):
            sane = [sample for sample in samples if not _absurd(sample, session)]
            if sane and len(sane) < len(samples):
                value["sampledValue"] = sane
                changed = True
    return changed


def _session_of(document: Object, live: LiveStation) -> LiveSession | None:
    said = document.get("transactionId")
    return live.sessions.find(said) if isinstance(said, int) else None


def beyond_reason(meter_start_wh: int, energy_wh: float | None) -> bool:
    """Whether a register tells of more than any session can have taken."""
    return energy_wh is not None and energy_wh - meter_start_wh > MOST_DELIVERED_WH


def _absurd(sample: Any, session: LiveSession) -> bool:
    if not isinstance(sample, dict) or sample.get("measurand", _REGISTER) != _REGISTER:
        return False
    with suppress(ArithmeticError, KeyError, ValueError, TypeError):
        energy_wh = Decimal(sample["value"]) * (1000 if sample.get("unit") == "kWh" else 1)
        return not 0 <= energy_wh - session.meter_start_wh <= MOST_DELIVERED_WH
    return False


_REGISTER: Final = "Energy.Active.Import.Register"


def energy_kwh_said_wh(document: Object, _live: LiveStation) -> bool:
    """Energy samples in kWh that say Wh, or nothing."""
    return _unit(document, "Energy.Active", (None, "Wh"), "kWh")


def energy_wh_said_kwh(document: Object, _live: LiveStation) -> bool:
    """Energy samples in Wh that say kWh."""
    return _unit(document, "Energy.Active", ("kWh",), "Wh")


def power_kw_said_w(document: Object, _live: LiveStation) -> bool:
    """Power samples in kW that say W, or nothing."""
    return _unit(document, "Power.Active", (None, "W"), "kW")


def power_w_said_kw(document: Object, _live: LiveStation) -> bool:
    """Power samples in W that say kW."""
    return _unit(document, "Power.Active", ("kW",), "W")


def _unit(document: Object, measurand: str, said: tuple[str | None, ...], meant: str) -> bool:
    changed = False
    for sample in _samples(document):
        if str(sample.get("measurand", _REGISTER)).startswith(measurand) and sample.get("unit") in said:
            sample["unit"] = meant
            changed = True
    return changed


def register_in_kwh(document: Object, _live: LiveStation) -> bool:
    """meterStart and meterStop in kWh."""
    return _scale(document, lambda register: register * 1000)


def register_in_tenths_of_kwh(document: Object, _live: LiveStation) -> bool:
    """meterStart and meterStop in tenths of a kWh."""
    return _scale(document, lambda register: register * 100)


def register_in_tenths(document: Object, _live: LiveStation) -> bool:
    """meterStart and meterStop in tenths of a Wh."""
    return _scale(document, lambda register: register // 10)


def _scale(document: Object, scaled: Any) -> bool:
    changed = False
    for name in ("meterStart", "meterStop"):
        if isinstance(document.get(name), int):
            document[name] = scaled(document[name])
            changed = True
    return changed
