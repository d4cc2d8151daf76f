"""What a station tells that cannot be, and the repair that would make it possible: registers against power, clocks against ours.

A repair is named only where what was said is far from possible, and exactly one repair makes it fit closely: that a good station
is suspected is worse than that a bad one is suspected a few readings later.
"""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from csms.domain.quirks.rules import (
    ENERGY_KWH_SAID_WH,
    ENERGY_WH_SAID_KWH,
    POWER_KW_SAID_W,
    POWER_W_SAID_KW,
    REGISTER_IN_KWH,
    REGISTER_IN_TENTHS,
    REGISTER_IN_TENTHS_OF_KWH,
)

MOST_W: Final = 1_500_000.0  # no evse gives more, where nobody has said what it does give,
LEAST_W: Final = 100.0  # and no car that charges takes less
MOST_SESSION_WH: Final = 1_000_000.0
SHORTEST_S: Final = 10.0  # between two values of a register that are compared: what is shorter is mostly rounding,
LONGEST_S: Final = 3600.0  # and in more, power comes and goes between the readings
FAR: Final = 100.0  # said and possible may differ by this factor: pauses, ramps, rough registers
NEAR: Final = 1.5  # and what a repair makes of it by this one
_SLACK_WH: Final = 1000.0  # registers in whole kWh

_QUARTER_S: Final = 900
_EXACT_S: Final = 30  # how near to whole quarters of an hour a clock must be off
_FARTHEST_QUARTERS: Final = 56  # fourteen hours, as far as zones go
CLOCK_RIGHT: Final = timedelta(seconds=_QUARTER_S - _EXACT_S)
APART: Final = timedelta(seconds=60)  # between two looks at a clock: a queue that is delivered at once says nothing


class Register(NamedTuple):
    """The value a meter's register came to, when (the station's time), and the most power that was read so far, 0 for none."""

    at: datetime
    energy_wh: float
    peak_w: float


class Interval(NamedTuple):
    """Between two values of a session's register: `mean_w` is by the register, `least_w` and `most_w` were read at the ends.

    The units are the words that the station used, None where it used none. More than `limit_w` the evse does not give.
    """

    start_wh: float
    energy_wh: float
    mean_w: float
    least_w: float | None
    most_w: float | None
    peak_w: float
    energy_unit: str | None
    power_unit: str | None
    limit_w: float


def most_w(limit_w: float | None) -> float:
    """What an evse can be believed to give: what was said of it, and as much again by half, or else what any gives."""
    return MOST_W if limit_w is None else NEAR * limit_w


def most_wh(limit_w: float | None, seconds: float) -> float:
    """What a register can be believed to rise by in a time; where the evse's limit is known, whole kWh are rounding."""
    return most_w(limit_w) * seconds / 3600 + (0.0 if limit_w is None else _SLACK_WH)


def is_possible(
    start_wh: float, energy_wh: float, mean_w: float, power_w: float | None, earlier_w: float | None
) -> bool:
    """Whether a register can have risen so, for all that was read of power at both ends."""
    if energy_wh < start_wh or mean_w < 0.0:
        return False
    if power_w is None or earlier_w is None:
        return True
    least_w, most_w = (power_w, earlier_w) if power_w < earlier_w else (earlier_w, power_w)
    return least_w <= FAR * mean_w and mean_w <= FAR * most_w


def repairs_of_readings(said: Interval) -> tuple[str, ...]:
    """What is wrong with the units of impossible readings; empty where nothing or more than one thing would explain them."""
    found = [name for name, explains in _UNITS if explains(said)]
    if len(found) != 1:
        return ()
    if found == [ENERGY_KWH_SAID_WH] and said.start_wh and not _continues(said, 1) and _continues(said, 1000):
        found.append(REGISTER_IN_KWH)
    return tuple(found)


def _continues(said: Interval, scale: int) -> bool:
    """Whether readings that mean kWh go on from where the session began, if that is scaled too."""
    return -_SLACK_WH <= said.energy_wh * 1000 - said.start_wh * scale <= MOST_SESSION_WH


def repairs_of_power(power_w: float, unit: str | None, limit_w: float | None) -> tuple[str, ...]:
    """What is wrong with the unit of a power that the evse cannot give, where no register was read beside it."""
    most = most_w(limit_w)
    return (POWER_W_SAID_KW,) if unit == "kW" and power_w > most and LEAST_W <= power_w / 1000 <= most else ()


def _fits(said: Interval, mean_w: float, scale: float = 1.0) -> bool:
    if not LEAST_W <= mean_w <= said.limit_w:
        return False
    if said.least_w is None or said.most_w is None:
        return scale == 1.0
    return said.least_w * scale <= NEAR * mean_w and mean_w <= NEAR * said.most_w * scale


def _kwh_said_wh(said: Interval) -> bool:
    return (
        said.energy_unit != "kWh"
        and _fits(said, said.mean_w * 1000)
        and (said.least_w is not None or _continues(said, 1))
    )


def _wh_said_kwh(said: Interval) -> bool:
    return (
        said.energy_unit == "kWh"
        and _fits(said, said.mean_w / 1000)
        and (said.least_w is not None or said.mean_w > said.limit_w)
    )


def _kw_said_w(said: Interval) -> bool:
    """A reading of a thousand shows that it is W: what charges by fits and starts is mostly read between two of them."""
    return said.power_unit != "kW" and said.peak_w < 1000 and _fits(said, said.mean_w, 1000)


def _w_said_kw(said: Interval) -> bool:
    return said.power_unit == "kW" and _fits(said, said.mean_w, 1 / 1000)


_UNITS: Final = (
    (ENERGY_KWH_SAID_WH, _kwh_said_wh),
    (ENERGY_WH_SAID_KWH, _wh_said_kwh),
    (POWER_KW_SAID_W, _kw_said_w),
    (POWER_W_SAID_KW, _w_said_kw),
)
_SCALES: Final = ((REGISTER_IN_KWH, 1000.0), (REGISTER_IN_TENTHS_OF_KWH, 100.0), (REGISTER_IN_TENTHS, 0.1))


def repair_of_registers(
    start_wh: int, stop_wh: int, last: Register, began_at: datetime, at: datetime, limit_w: float | None = None
) -> str | None:
    """How meterStart and meterStop are scaled, where they cannot belong to the last reading between them."""
    most = most_w(limit_w)
    hours = max((at - last.at).total_seconds(), 0.0) / 3600
    if -_SLACK_WH <= stop_wh - last.energy_wh <= _SLACK_WH + (10 * last.peak_w or most) * hours:
        return None
    charged_hours = max((last.at - began_at).total_seconds(), 0.0) / 3600
    for name, scale in _SCALES:
        slack_wh = max(scale, 10.0)
        since_wh = stop_wh * scale - last.energy_wh
        before_wh = last.energy_wh - start_wh * scale
        if (
            -slack_wh <= since_wh <= slack_wh + (2 * last.peak_w or most / 4) * hours
            and -slack_wh <= before_wh <= slack_wh + (10 * last.peak_w or most) * charged_hours
        ):
            return name
    return None


def quarters_off(ahead: timedelta) -> int | None:
    """By how many quarters of an hour a clock is ahead of ours, where it is by whole ones, as zones are."""
    quarters, rest_s = divmod(ahead.total_seconds() + _EXACT_S, _QUARTER_S)
    return int(quarters) if rest_s <= 2 * _EXACT_S and 0 < abs(quarters) <= _FARTHEST_QUARTERS else None
