"""What is stored of a station's sessions, and what they were made of: frames, and the ends that time decided."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection, func, select

from csms.domain.sessions.live import BY_AVAILABLE, BY_REBOOT
from csms.domain.sessions.records import TABLES, Records, columns
from csms.domain.stations.model import Frame, Location, Station
from csms.kit.clock import microseconds
from csms.kit.facts import FactRow

_PAGE: Final = 2_000
BEYOND_ALL: Final = 2**63 - 1


class StoredFrame(NamedTuple):
    """A station's call that was answered with a result; `id` is the microsecond of its decision, `repairs` with commas."""

    id: int
    call: bytes
    answer: bytes
    session_id: int | None
    repairs: str | None


class QuietEnd(NamedTuple):
    """A session ended at `at` because its connector had long been available: no frame says so, its fact does."""

    at: datetime
    session_id: int
    ended_by: str


class Place(NamedTuple):
    """A station, and the time zone of its location."""

    station_id: int
    identity: str
    time_zone: str | None


def places(connection: Connection, identities: Sequence[str] | None) -> list[Place]:
    """The stations named so, or all."""
    chosen = select(Station.id, Station.identity, Location.time_zone).outerjoin(
        Location, Location.id == Station.location_id
    )
    if identities is not None:
        chosen = chosen.where(Station.identity.in_(identities))
    return [Place(*row) for row in connection.execute(chosen.order_by(Station.identity))]


def first_frame(connection: Connection, station_id: int) -> int:
    """The id of the oldest stored frame; beyond all ids if there is none."""
    oldest = connection.scalar(select(func.min(Frame.id)).where(Frame.station_id == station_id))
    return oldest if oldest is not None else BEYOND_ALL


def frames_of(connection: Connection, station_id: int, first: int) -> Iterator[StoredFrame]:
    """The frames from this id on that changed something, in the order in which they were decided."""
    columns_of = select(Frame.id, Frame.call, Frame.answer, Frame.session_id, Frame.repairs)
    answered = columns_of.where(
        Frame.station_id == station_id, Frame.direction == "in", Frame.outcome == "result", Frame.answer.is_not(None)
    )
    last = first - 1
    while True:
        page = connection.execute(answered.where(Frame.id > last).order_by(Frame.id).limit(_PAGE)).all()
        yield from (StoredFrame(row.id, row.call, row.answer or b"", row.session_id, row.repairs) for row in page)
        if len(page) < _PAGE:
            return
        last = page[-1].id


def quiet_ends_of(connection: Connection, station_id: int, first: int) -> list[QuietEnd]:
    """Those since the frame of this id, in the order in which they happened."""
    ended = select(FactRow.at, FactRow.session_id, FactRow.detail).where(
        FactRow.station_id == station_id, FactRow.kind == "SessionEnded"
    )
    return [
        QuietEnd(at, session_id, said["ended_by"])
        for at, session_id, said in connection.execute(ended.order_by(FactRow.at, FactRow.id))
        if said["ended_by"] in (BY_AVAILABLE, BY_REBOOT) and microseconds(at) >= first
    ]


def records_of(connection: Connection, station_id: int) -> Records:
    """The rows as they stand."""
    records = Records()
    for table, model in TABLES.items():
        source = model.__table__
        chosen = select(*(source.c[name] for name in columns(table))).where(source.c.station_id == station_id)
        for row in connection.execute(chosen):
            records.add(table, dict(row._mapping))
    return records
