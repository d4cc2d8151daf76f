"""Calls that the schema takes and that cannot be so: what would have helped is counted, and suggested in time."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from csms.domain.quirks import physics
from csms.domain.quirks.rules import ABSURD_ENERGY, LOCAL_TIMES, LOCAL_TIMES_SAID_UTC, TIME_FORMAT
from csms.domain.sessions.live import LiveSession, Measured, StationSessions, doubt_energy
from csms.gateway.dialects.quirks.meaning import MOST_DELIVERED_WH, zone_of
from csms.gateway.dialects.quirks.station import suggest
from csms.gateway.turn import LiveStation, Turn
from csms.ocpp import v16

_CLOCK_SLOW = -physics.CLOCK_RIGHT


def doubt_readings(
    live: LiveStation, session: LiveSession, said: Sequence[v16.MeterValue], readings: Sequence[Measured], turn: Turn
) -> bool:
    """Compare a frame's last reading with what its evse can give and with the one before; tells whether a repair was found.

    It stands before the session takes the readings: what it knows of power is what was read before.
    """
    limit_w = live.station.limit_w(session.evse)
    reading = readings[-1]
    repairs = _of_register(live, session, said[-1], reading, turn)
    power_w = reading.power_w
    if power_w is not None and power_w > physics.most_w(limit_w):
        _mark(live.sessions, session, f"{power_w / 1000:,.1f} kW were read", limit_w, turn)
        if reading.energy_wh is None:
            repairs = physics.repairs_of_power(power_w, _units(said[-1])[1], limit_w)
    for repair in repairs:
        suggest(live, repair, turn)
    return bool(repairs)


def _of_register(
    live: LiveStation, session: LiveSession, said: v16.MeterValue, reading: Measured, turn: Turn
) -> tuple[str, ...]:
    """The repairs that make the rise of the register since the reading before a possible one."""
    before, energy_wh, power_w = session.register, reading.energy_wh, reading.power_w
    if energy_wh is None or before is None:
        session.register = before if energy_wh is None else physics.Register(reading.at, energy_wh, power_w or 0.0)
        return ()
    rise_wh, seconds = energy_wh - before.energy_wh, (reading.at - before.at).total_seconds()
    if not rise_wh or 0.0 <= seconds < physics.SHORTEST_S:
        return ()
    peak_w = power_w if power_w is not None and power_w > before.peak_w else before.peak_w
    session.register = physics.Register(reading.at, energy_wh, peak_w)
    if seconds < 0.0 or rise_wh < 0.0:
        return ()
    limit_w = live.station.limit_w(session.evse)
    beyond = rise_wh > physics.most_wh(limit_w, seconds)
    mean_w, earlier_w = rise_wh * 3600 / seconds, session.power_w
    if beyond:
        _mark(live.sessions, session, f"the register rose by {rise_wh:,.0f} Wh in {seconds:,.0f} s", limit_w, turn)
    possible = not beyond and physics.is_possible(session.meter_start_wh, energy_wh, mean_w, power_w, earlier_w)
    if possible or seconds > physics.LONGEST_S:
        return ()
    known = power_w is not None and earlier_w is not None
    powers = sorted((power_w, earlier_w)) if power_w is not None and earlier_w is not None else (None, None)
    return physics.repairs_of_readings(
        physics.Interval(
            session.meter_start_wh, energy_wh, mean_w, powers[0], powers[1], peak_w if known else 0.0, *_units(said),
            physics.most_w(limit_w),
        )
    )  # fmt: skip


def doubt_absurd(live: LiveStation, session: LiveSession, turn: Turn) -> None:
    """A reading of more than any session takes: marked, and suggested to be left out."""
    suggest(live, ABSURD_ENERGY, turn)
    _mark(live.sessions, session, f"more than {MOST_DELIVERED_WH:,} Wh were read", None, turn)


def _mark(sessions: StationSessions, session: LiveSession, told: str, limit_w: float | None, turn: Turn) -> None:
    """Have somebody look at a session of which more was told than its evse can give; all of it is kept as it came."""
    most = "no evse gives that" if limit_w is None else f"its evse gives {limit_w / 1000:,.1f} kW at most"
    doubt_energy(sessions, session, turn.now, turn.frame_id, turn.changes, f"{told[0].upper()}{told[1:]}: {most}.")


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
    """Compare meterStart and meterStop with what the evse can give in between, and with the last reading between them."""
    limit_w = live.station.limit_w(session.evse)
    delivered_wh, seconds = meter_stop_wh - session.meter_start_wh, (at - session.started_at).total_seconds()
    if delivered_wh > MOST_DELIVERED_WH or (
        limit_w is not None and seconds > 0.0 and delivered_wh > physics.most_wh(limit_w, seconds)
    ):
        _mark(live.sessions, session, f"{delivered_wh:,} Wh in {seconds:,.0f} s were told in the end", limit_w, turn)
    if session.register is not None:
        repair = physics.repair_of_registers(
            session.meter_start_wh, meter_stop_wh, session.register, session.started_at, at, limit_w
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
