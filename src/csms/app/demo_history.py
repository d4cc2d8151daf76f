"""Thirty days behind the demo: who charged where and when, told by the stations themselves once they come online."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from csms.app.demo_network import LOCATIONS, DemoLocation
from csms.ocpp.v16 import StopReason
from csms.simulator import ConnectorSpec, Visit
from csms.simulator.car import Car, arriving_car
from csms.simulator.driver import FAULTS

DAYS: Final = 30
STRANGERS: Final = ("BLOCKED-1", "EXPIRED-1", "UNKNOWN-CARD")
_HEADWAY: Final = timedelta(minutes=6)
_WATCHED_CLOSELY: Final = timedelta(days=7)
_COARSER: Final = 2  # half of all messages are readings, and of old sessions few look at more than a curve
_QUIET_BEFORE_NOW: Final = timedelta(minutes=3)
_PATIENCE: Final = timedelta(minutes=90)
_REASONS: Final[tuple[StopReason, ...]] = ("Local", "EVDisconnected", "Remote", "PowerLoss", "EmergencyStop")
_REASON_WEIGHTS: Final = (66, 22, 9, 2, 1)
_ONE_FAULT_IN: Final = 90
_REFUSED: Final = 5
_STOPS_LOST: Final = 2


@dataclass(frozen=True, slots=True)
class Habit:
    """How people use one plug: visits on a working day and on a free day, by hour of the day, and how long they stay.

    Hours are weights from midnight on; a stay in minutes is (least, most, usual).
    """

    visits: tuple[float, float]
    hours: tuple[int, ...]
    free_hours: tuple[int, ...]
    stay: tuple[float, float, float]
    reading_s: float


_OFFICE = (1, 0, 0, 0, 0, 1, 4, 12, 16, 10, 6, 4, 5, 6, 5, 4, 5, 8, 9, 7, 5, 4, 2, 1)
_LEISURE = (2, 1, 1, 0, 0, 0, 1, 2, 4, 7, 9, 10, 10, 9, 9, 9, 8, 8, 7, 6, 5, 5, 4, 3)
_TAXIS = (7, 6, 5, 5, 4, 3, 3, 4, 5, 6, 7, 10, 12, 11, 8, 7, 8, 9, 8, 6, 6, 7, 9, 9)
_HABITS: Final[Mapping[tuple[str, str], Habit]] = {
    ("HAM", "AC"): Habit((2.2, 1.3), _OFFICE, _LEISURE, (35, 420, 130), 600),
    ("HAM", "DC"): Habit((5.5, 6.5), _LEISURE, _LEISURE, (8, 50, 24), 180),
    ("SZX", "AC"): Habit((2.4, 2.8), _OFFICE, _LEISURE, (30, 300, 100), 600),
    ("SZX", "DC"): Habit((8.0, 7.0), _TAXIS, _TAXIS, (8, 45, 20), 180),
}


def make_history(seed: int, id_tags: Sequence[str], now: datetime, days: int = DAYS) -> dict[str, list[Visit]]:
    """Visits by station identity, up to a few minutes before `now`; the same for the same seed and time.

    Every card has a station that it goes to: what stations tell late, they tell side by side, and a card in two places at
    once would look like misuse.
    """
    random = Random(f"{seed}:mishaps")  # noqa: S311 - believable, not secret
    history: dict[str, list[Visit]] = {}
    numbers = [(place, number) for place in LOCATIONS for number in range(len(place.stations))]
    for nth, (place, number) in enumerate(numbers):
        identity = f"{place.prefix}-{number + 1:03}"
        cards = _Regulars(id_tags[nth :: len(numbers)])
        chance = Random(f"{seed}:{identity}:past")  # noqa: S311
        plugs = place.stations[number][2]
        history[identity] = _station(chance, place, plugs, cards, now, days)
    _add_trouble(random, history, now)
    return history


class _Regulars:
    """The cards that come to one station; one that is there already stays away from its other plugs."""

    def __init__(self, id_tags: Sequence[str]) -> None:
        self._busy: dict[str, list[tuple[datetime, datetime]]] = {tag: [] for tag in id_tags}

    def take(self, random: Random, comes_at: datetime, leaves_at: datetime) -> str | None:
        free = [
            tag
            for tag, stays in self._busy.items()
            if all(leaves_at < since or until < comes_at for since, until in stays)
        ]
        if not free:
            return None
        tag = random.choice(free)
        self._busy[tag].append((comes_at, leaves_at))
        return tag


def _station(
    random: Random, place: DemoLocation, plugs: Sequence[ConnectorSpec], cards: _Regulars, now: datetime, days: int
) -> list[Visit]:
    visits: list[Visit] = []
    for connector_id, plug in enumerate(plugs, 1):
        habit = _HABITS[place.prefix, plug.kind]
        free_at = now - timedelta(days=days)
        for wanted_at in _arrivals(random, habit, ZoneInfo(place.time_zone), now, days):
            comes_at = max(wanted_at, free_at)
            visit = _visit(random, connector_id, habit, comes_at)
            if now - comes_at > _WATCHED_CLOSELY:
                visit = replace(visit, reading_s=_COARSER * visit.reading_s)
            if comes_at - wanted_at > _PATIENCE or visit.leaves_at > now - _QUIET_BEFORE_NOW:
                continue
            id_tag = cards.take(random, visit.comes_at, visit.leaves_at)
            if id_tag is not None:
                visits.append(replace(visit, id_tag=id_tag))
                free_at = visit.leaves_at + _HEADWAY
    return visits


def _arrivals(random: Random, habit: Habit, zone: ZoneInfo, now: datetime, days: int) -> Iterator[datetime]:
    """When people come, in order; business grows by a fifth within the time."""
    today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    for day in range(days, -1, -1):
        midnight = today - timedelta(days=day)
        free = midnight.weekday() >= 5
        many = habit.visits[free] * (1 - 0.2 * day / days)
        hours = habit.free_hours if free else habit.hours
        count = int(many) + (random.random() < many % 1) + random.choice((-1, 0, 0, 1))
        for hour, minute in sorted((random.choices(range(24), hours)[0], random.uniform(0, 60)) for _ in range(count)):
            yield (midnight + timedelta(hours=hour, minutes=minute)).astimezone(now.tzinfo)


def _visit(random: Random, connector_id: int, habit: Habit, comes_at: datetime) -> Visit:
    starts_at = comes_at + timedelta(seconds=random.uniform(8, 70))
    ends_at = starts_at + timedelta(minutes=random.triangular(*habit.stay))
    leaves_at = ends_at + timedelta(seconds=random.uniform(15, 240))
    reason = random.choices(_REASONS, _REASON_WEIGHTS)[0]
    if reason == "EVDisconnected":
        leaves_at = ends_at + timedelta(seconds=1)
    return Visit(
        connector_id, "", arriving_car(random), comes_at, starts_at, ends_at, leaves_at, reason, habit.reading_s
    )


def _add_trouble(random: Random, history: dict[str, list[Visit]], now: datetime) -> None:
    """Hardware breaks now and then, strangers try their cards, and a few things go to the review list."""
    places = [(identity, nth) for identity, visits in sorted(history.items()) for nth in range(len(visits))]
    random.shuffle(places)

    def change(**what: object) -> None:
        if places:
            identity, nth = places.pop()
            history[identity][nth] = replace(history[identity][nth], **what)  # type: ignore[arg-type]

    for _ in range(len(places) // _ONE_FAULT_IN):
        identity, nth = places[-1]
        ends_at = history[identity][nth].ends_at
        following = [visit.comes_at for visit in history[identity] if visit.comes_at > ends_at]
        mended_at = min([now, ends_at + timedelta(minutes=random.uniform(20, 400)), *following]) - timedelta(minutes=1)
        change(reason="Other", fault=random.choice(FAULTS), leaves_at=max(mended_at, history[identity][nth].leaves_at))
    for nth in range(_REFUSED):
        full = Car(soc_percent=100.0)  # takes nothing: the refusal is all there is to see
        change(id_tag=STRANGERS[nth % len(STRANGERS)], reason="DeAuthorized", **({"car": full} if nth % 2 else {}))
    for _ in range(min(_STOPS_LOST, len(places))):
        change(mishap="stop lost")
    change(mishap="meter replaced")
