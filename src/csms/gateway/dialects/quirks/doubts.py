"""Calls that the schema takes and that cannot be so: what would have helped is counted, and suggested in time."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from csms.domain.quirks import physics
from csms.domain.quirks.rules import LOCAL_TIMES, LOCAL_TIMES_SAID_UTC, TIME_FORMAT
from csms.domain.sessions.live import LiveSession, Measured
from csms.gateway.dialects.quirks.meaning import zone_of
from csms.gateway.dialects.quirks.station import suggest
from csms.gateway.turn import LiveStation, Turn
from csms.ocpp import v16

_CLOCK_SLOW = -physics.CLOCK_RIGHT


def doubt_readings(
    live: LiveStation, session: LiveSession, said: Sequence[v16.MeterValue], readings: Sequence[Measured], turn: Turn
) -> bool:
    """Compare the register of a frame's last reading with the one before; tells whether a repair was found.

    It stands before the session takes the readings: what it knows of power is what was read before.
    """
    reading, before = readings[-1], session.register
    energy_wh, power_w = reading.energy_wh, reading.power_w
    if energy_wh is None:
        return False
    if before is None:
        session.register = physics.Register(reading.at, energy_wh, power_w or 0.0)
        return False
    rise_wh, seconds = energy_wh - before.energy_wh, (reading.at - before.at).total_seconds()
    if not rise_wh or 0.0 <= seconds < physics.SHORTEST_S:
        return False
    peak_w = power_w if power_w is not None and power_w > before.peak_w else before.peak_w
    session.register = physics.Register(reading.at, energy_wh, peak_w)
    if not 0.0 < seconds <= physics.LONGEST_S:
        return False
    mean_w, earlier_w = rise_wh * 3600 / seconds, session.power_w
    if mean_w < 0 or physics.is_possible(session.meter_start_wh, energy_wh, mean_w, power_w, earlier_w):
        return False
    known = power_w is not None and earlier_w is not None
    powers = sorted((power_w, earlier_w)) if power_w is not None and earlier_w is not None else (None, None)
    units = _units(said[-1])
    repairs = physics.repairs_of_readings(
        physics.Interval(
            session.meter_start_wh, energy_wh, mean_w, powers[0], powers[1], peak_w if known else 0.0, *units
        )
    )
    for repair in repairs:
        suggest(live, repair, turn)
    return bool(repairs)


def _units(value: v16.MeterValue) -> tuple[str | None, str | None]:
    """The words for the units of energy and power."""
    energy = power = None
    for sample in value.sampled_value:
        measurand = sample.measurand or "Energy.Active.Import.Register"
        if measurand == "Energy.Active.Import.Register":
            energy = sample.unit or energy
        elif measurand == "Power.Active.Import":
            power = sample.unit or power
    return energy, power


def doubt_registers(live: LiveStation, session: LiveSession, meter_stop_wh: int, at: datetime, turn: Turn) -> None:
    """Compare meterStart and meterStop with the last reading between them."""
    if session.register is not None:
        repair = physics.repair_of_registers(
            session.meter_start_wh, meter_stop_wh, session.register, session.started_at, at
        )
        if repair is not None:
            suggest(live, repair, turn)


def doubt_clock(live: LiveStation, at: datetime, turn: Turn) -> None:
    """Compare a time that the station gives for now with ours: is it always off by the same zone?"""
    ahead = at - turn.now
    if _CLOCK_SLOW < ahead < physics.CLOCK_RIGHT:
        if live.clock is not None:
            live.clock = None
        return
    quarters, before = physics.quarters_off(ahead), live.clock
    if quarters is None:
        live.clock = None
    elif before is None or before[0] != quarters:
        live.clock = quarters, turn.now
    elif turn.now - before[1] >= physics.APART:
        live.clock = quarters, turn.now
        _suggest_zone(live, at, timedelta(minutes=15 * quarters), turn)


def _suggest_zone(live: LiveStation, at: datetime, ahead: timedelta, turn: Turn) -> None:
    """Where the zone of the location is known, it must be the one that the clock is off by."""
    if live.time_zone is not None and at.astimezone(UTC).replace(tzinfo=zone_of(live)).utcoffset() != ahead:
        return
    mended = live.quirks.counts.get(TIME_FORMAT) if live.quirks is not None else None
    suggest(live, LOCAL_TIMES if mended is not None and mended.applied else LOCAL_TIMES_SAID_UTC, turn)
