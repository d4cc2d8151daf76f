"""The network in numbers, and what needs a person now."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.sessions.model import ReviewItem, Session
from csms.domain.stations.model import Connector, Link, Station, UnknownStation
from csms.kit.facts import FactRow
from csms.kit.paging import sweep

STEP: Final = timedelta(minutes=15)
LONGEST: Final = timedelta(days=3)  # a session that began earlier than this before a window is not looked for
STATUSES: Final = (
    "available", "preparing", "charging", "suspended_ev", "suspended_evse", "finishing", "reserved", "unavailable",
    "faulted", "unknown",
)  # fmt: skip
MOST_NEEDS: Final = 50
MOST_FAILURES: Final = 1_000
SILENT_AFTER: Final = timedelta(days=14)  # a station silent for longer is history, not news


class Charge(NamedTuple):
    """A session's energy in Wh and the time it took; `end` is its last word while it runs."""

    start: datetime
    end: datetime
    energy_wh: int


class PowerPoint(NamedTuple):
    """Mean power in W over the quarter of an hour that begins at `at`."""

    at: datetime
    power_w: float


class Day(NamedTuple):
    """Energy delivered and sessions started in a window of time."""

    energy_wh: float
    sessions: int


class Need(NamedTuple):
    """One thing that needs a person; `kind` is faulted, offline, failed_start, refused, review or unknown.

    A refused one is a session that began all the same; a failed_start never became one.
    """

    kind: str
    since: datetime
    station: str
    evse: int | None = None
    connector: int | None = None
    detail: str | None = None
    session_uid: UUID | None = None


class StartFailure(NamedTuple):
    """A start that led to nothing, or (with a session) one that was refused."""

    at: datetime
    station: str
    session_id: int | None
    detail: dict[str, Any]

    def need(self) -> Need:
        return Need("failed_start", self.at, self.station, self.detail.get("evse"), detail=self.detail.get("cause"))


class Overview(NamedTuple):
    """`today` and `week_ago` cover the same hours, a week apart; `needs_total` counts what `needs` leaves out, too."""

    stations: int
    online: int
    never_connected: int
    connectors: dict[str, int]
    active_sessions: int
    power_w: float
    today: Day
    week_ago: Day
    curve: list[PowerPoint]
    failed_starts: int
    needs: list[Need]
    needs_total: int


def energy_between(charges: Iterable[Charge], since: datetime, until: datetime) -> float:
    """Energy in Wh that was delivered in the window, each session's spread evenly over its time."""
    low, high = since.timestamp(), until.timestamp()
    return sum(energy_wh * _share(start.timestamp(), end.timestamp(), low, high) for start, end, energy_wh in charges)


def power_curve(charges: Sequence[Charge], since: datetime, until: datetime) -> list[PowerPoint]:
    """Mean power per `STEP`, such that its area is the energy of `charges` within the window."""
    steps = max(0, -(-(until - since) // STEP))
    energy = [0.0] * steps
    zero, step_s = since.timestamp(), STEP.total_seconds()
    for start_at, end_at, energy_wh in charges:
        start, end = start_at.timestamp() - zero, end_at.timestamp() - zero
        first, last = max(0, int(start // step_s)), min(steps - 1, int(max(start, end) // step_s))
        for step in range(first, last + 1):
            energy[step] += energy_wh * _share(start, end, step * step_s, (step + 1) * step_s)
    hours = STEP / timedelta(hours=1)
    return [PowerPoint(since + step * STEP, round(wh / hours, 1)) for step, wh in enumerate(energy)]


def _share(start: float, end: float, since: float, until: float) -> float:
    """How much of the session's time lies in the window, 0 to 1; what took no time counts where it began. In seconds."""
    if end <= start:
        return 1.0 if since <= start < until else 0.0
    return max(0.0, min(end, until) - max(start, since)) / (end - start)


def day_start(now: datetime, zone: ZoneInfo) -> datetime:
    """The midnight before `now` where people are."""
    return now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)


def a_week_before(at: datetime, zone: ZoneInfo) -> datetime:
    """The same wall-clock time a week earlier, across changes of daylight saving."""
    return at.astimezone(zone) - timedelta(days=7)


async def get_overview(session: AsyncSession, now: datetime, zone: ZoneInfo) -> Overview:
    """What the console's first page shows."""
    with sweep(session):
        stations, online, never = await _presence(session)
        connectors = await _connectors(session)
        active, power_w = await _now(session)
        midnight = day_start(now, zone)
        recent = await _charges(session, min(midnight, now - timedelta(days=1)), now)
        before = await _charges(session, a_week_before(midnight, zone), a_week_before(now, zone))
        failures = await _failed_starts(session, now)
        needs, needs_total = await _needs(
            session, now, [failure.need() for failure in failures if failure.session_id is None]
        )
    first_step = now - timedelta(days=1)
    first_step -= timedelta(
        minutes=first_step.minute % 15, seconds=first_step.second, microseconds=first_step.microsecond
    )
    return Overview(
        stations=stations,
        online=online,
        never_connected=never,
        connectors=connectors,
        active_sessions=active,
        power_w=power_w,
        today=_day(recent, midnight, now),
        week_ago=_day(before, a_week_before(midnight, zone), a_week_before(now, zone)),
        curve=power_curve(recent, first_step, now),
        failed_starts=len(failures),
        needs=needs,
        needs_total=needs_total,
    )


def _day(charges: Sequence[Charge], since: datetime, until: datetime) -> Day:
    started = sum(since <= charge.start < until for charge in charges)
    return Day(round(energy_between(charges, since, until), 1), started)


async def _presence(session: AsyncSession) -> tuple[int, int, int]:
    stations = await session.scalar(select(func.count()).select_from(Station)) or 0
    links = select(func.count().filter(Link.online), func.count(Link.connected_at))
    online, have_connected = (await session.execute(links)).one()
    return stations, online, stations - have_connected


async def _connectors(session: AsyncSession) -> dict[str, int]:
    """Connectors by status; those of stations that are offline count as `offline`.

    Counted in one pass: to group a hundred thousand of them the database would sort them.
    """
    # The status first: most rows have another one, and then nothing else is looked at.
    counts = [func.count().filter(Connector.status == status, Link.online) for status in STATUSES]
    query = (
        select(func.count(), func.count().filter(Link.online), *counts)
        .select_from(Connector)
        .outerjoin(Link, Link.station_id == Connector.station_id)
        .where(Connector.evse > 0)
    )
    total, online, *by_status = (await session.execute(query)).one()
    found = dict(zip(STATUSES, by_status, strict=True)) | {"offline": total - online}
    found["unknown"] += online - sum(by_status)
    return {status: count for status, count in found.items() if count}


async def _now(session: AsyncSession) -> tuple[int, float]:
    # Spelled out, for a partial index is found by its very words.
    active = Session.state == literal("active", literal_execute=True)
    query = select(func.count(), func.coalesce(func.sum(Session.power_w), 0.0)).where(active)
    row = (await session.execute(query)).one()
    return row[0], float(row[1] or 0)


async def _charges(session: AsyncSession, since: datetime, until: datetime) -> list[Charge]:
    end = func.coalesce(Session.ended_at, Session.reading_at, Session.started_at)
    query = select(Session.started_at, end, Session.energy_wh).where(
        Session.started_at >= since - LONGEST, Session.started_at < until, end >= since
    )
    return [Charge(*row) for row in await session.execute(query)]


async def _needs(session: AsyncSession, now: datetime, starts: Sequence[Need]) -> tuple[list[Need], int]:
    """The worst kind first, within a kind the newest first; and how many there are in all."""
    faulted, faults = await _faulted(session)
    offline, silent = await _offline(session, now)
    others = [*await _review(session), *starts, *await _refused(session, now), *await _unknown(session, now)]
    order = {
        kind: rank for rank, kind in enumerate(("faulted", "offline", "review", "failed_start", "refused", "unknown"))
    }
    found = sorted([*faulted, *offline, *others], key=lambda need: (order[need.kind], -need.since.timestamp()))
    return found[:MOST_NEEDS], faults + silent + len(others)


async def _faulted(session: AsyncSession) -> tuple[list[Need], int]:
    """The newest, and how many there are."""
    since_at = func.coalesce(Connector.received_at, Connector.status_at)
    faulted = (Connector.status == "faulted", since_at.is_not(None))
    query = (
        select(Station.identity, since_at, Connector.evse, Connector.number, Connector.error_code, Connector.info)
        .join(Station, Station.id == Connector.station_id)
        .where(*faulted)
        .order_by(since_at.desc())
        .limit(MOST_NEEDS)
    )
    needs = [
        Need("faulted", since, identity, evse or None, number or None, error_code or info)
        for identity, since, evse, number, error_code, info in await session.execute(query)
    ]
    count = select(func.count()).select_from(Connector).where(*faulted)
    return needs, len(needs) if len(needs) < MOST_NEEDS else await session.scalar(count) or 0


async def _offline(session: AsyncSession, now: datetime) -> tuple[list[Need], int]:
    """The newest, and how many there are."""
    gone_at = func.coalesce(Link.disconnected_at, Link.seen_at)
    gone = (Link.online.is_(False), Link.connected_at.is_not(None), gone_at >= now - SILENT_AFTER)
    query = (
        select(Station.identity, gone_at)
        .join(Link, Link.station_id == Station.id)
        .where(*gone)
        .order_by(gone_at.desc())
        .limit(MOST_NEEDS)
    )
    needs = [Need("offline", since, identity) for identity, since in await session.execute(query)]
    count = select(func.count()).select_from(Link).where(*gone)
    return needs, len(needs) if len(needs) < MOST_NEEDS else await session.scalar(count) or 0


async def _review(session: AsyncSession) -> list[Need]:
    query = (
        select(ReviewItem, Station.identity, Session.uid)
        .outerjoin(Station, Station.id == ReviewItem.station_id)
        .outerjoin(Session, Session.id == ReviewItem.session_id)
        .where(ReviewItem.state == "open")
        .order_by(ReviewItem.at.desc())
        .limit(MOST_NEEDS)
    )
    return [
        Need("review", item.at, identity or "", detail=item.kind, session_uid=uid)
        for item, identity, uid in await session.execute(query)
    ]


async def _refused(session: AsyncSession, now: datetime) -> list[Need]:
    """Sessions of the last day whose id token was refused at the start."""
    query = (
        select(Session, Station.identity)
        .join(Station, Station.id == Session.station_id)
        .where(Session.started_at >= now - timedelta(days=1), Session.authorization != "accepted")
        .order_by(Session.started_at.desc())
        .limit(MOST_NEEDS)
    )
    return [
        Need("refused", row.started_at, identity, row.evse, row.connector, row.authorization, row.uid)
        for row, identity in await session.execute(query)
    ]


async def _failed_starts(session: AsyncSession, now: datetime) -> list[StartFailure]:
    """Those of the last day, newest first; at most a thousand are looked at."""
    query = (
        select(FactRow.at, Station.identity, FactRow.session_id, FactRow.detail)
        .join(Station, Station.id == FactRow.station_id)
        .where(FactRow.kind == "StartFailed")
        .order_by(FactRow.id.desc())
        .limit(MOST_FAILURES)
    )
    found = (StartFailure(*row) for row in await session.execute(query))
    return [failure for failure in found if failure.at >= now - timedelta(days=1)]


async def _unknown(session: AsyncSession, now: datetime) -> list[Need]:
    query = (
        select(UnknownStation)
        .where(UnknownStation.seen_at >= now - timedelta(days=1))
        .order_by(UnknownStation.seen_at.desc())
        .limit(MOST_NEEDS)
    )
    return [
        Need("unknown", row.first_seen_at, row.identity, detail=row.address) for row in await session.scalars(query)
    ]
