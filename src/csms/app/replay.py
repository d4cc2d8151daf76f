"""`csms replay`: rebuilds sessions from stored frames, in memory, and says where the stored rows differ. Changes nothing."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple

import msgspec
import typer
from sqlalchemy import Connection

from csms.app.settings import Settings, load
from csms.app.stores import looked_at
from csms.domain.sessions.history import Place, first_frame, frames_of, places, quiet_ends_of, records_of
from csms.domain.sessions.records import Difference, Row, differences
from csms.domain.stations.errors import StationNotFound
from csms.gateway.dialects.v16 import DIALECT
from csms.gateway.replay import Replay
from csms.kit.clock import SystemClock, from_microseconds, microseconds
from csms.kit.database import Database
from csms.kit.errors import Invalid


class NothingToReplay(Invalid):
    """Say which: --station IDENTITY, as often as you like, or --all."""

    code = "nothing_to_replay"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a station's stored rows compare with what its frames say.

    `earlier` counts sessions from before `since`, the first stored frame or fact, which nothing can rebuild any more; they are
    not compared. `troubles` are frames that could not be taken as they had been.
    """

    identity: str
    since: str | None
    frames: int
    sessions: int
    readings: int
    review_items: int
    earlier: int
    differences: tuple[Difference, ...]
    troubles: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        return not self.differences and not self.troubles


class Kept(NamedTuple):
    """From which frame id on all readings, and all facts, are still stored; older ones may have been removed."""

    readings: int = 0
    facts: int = 0

    @classmethod
    def by(cls, settings: Settings, now: datetime) -> "Kept":
        days = (settings.readings_days, settings.facts_days)
        return cls(*(microseconds(now - timedelta(days=number)) if number else 0 for number in days))


EVERYTHING: Final = Kept()


def examine(connection: Connection, place: Place, kept: Kept = EVERYTHING) -> Outcome:
    """Replay one station from one snapshot, from the first frame on since when nothing is missing that ends sessions."""
    stored = records_of(connection, place.station_id)
    first = max(first_frame(connection, place.station_id), kept.facts)
    earlier = stored.before(first)
    untold = set(earlier.tables["sessions"])
    replay = Replay(DIALECT, *place, earlier)
    replay.run(frames_of(connection, place.station_id, first), quiet_ends_of(connection, place.station_id, first))

    def compared(table: str, row: Row) -> bool:
        if table == "readings":
            return bool(row["frame_id"] >= max(first, kept.readings))
        return (row["id" if table == "sessions" else "session_id"],) not in untold

    tables = replay.records.tables
    return Outcome(
        place.identity,
        from_microseconds(first).isoformat() if replay.frames else None,
        replay.frames,
        len(tables["sessions"]) - len(untold),
        len(tables["readings"]),
        len(tables["review_items"]),
        len(untold),
        tuple(differences(stored, replay.records, compared)),
        tuple(replay.troubles),
    )


def replay(
    station: Annotated[list[str] | None, typer.Option(help="Identity of a station; may be repeated.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every station.")] = False,
    data: Annotated[Path | None, typer.Option(help="Directory of the database and the keys.")] = None,
    config: Annotated[
        Path | None, typer.Option(help="A TOML file with settings (default: csms.toml, if there is one).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a station.")] = False,
) -> None:
    """Rebuild sessions from stored frames and compare; exit code 1 if anything differs. Changes nothing."""
    if not station and not every:
        raise NothingToReplay
    if not asyncio.run(_replay(load({"data": data}, file=config), None if every else station, as_json)):
        raise typer.Exit(1)


async def _replay(settings: Settings, identities: Sequence[str] | None, as_json: bool) -> bool:
    agreed = True
    async with looked_at(settings) as database:
        async for outcome in outcomes(database, identities, Kept.by(settings, SystemClock().now())):
            agreed &= outcome.agrees
            for line in [_json(outcome)] if as_json else _lines(outcome):
                print(line, flush=True)
    return agreed


async def outcomes(
    database: Database, identities: Sequence[str] | None = None, kept: Kept = EVERYTHING
) -> AsyncIterator[Outcome]:
    """Station after station, each from a snapshot of its own. Raises StationNotFound."""
    async with database.view() as session:
        known = await (await session.connection()).run_sync(places, identities)
    for identity in identities or ():
        if identity not in {place.identity for place in known}:
            raise StationNotFound(f"There is no station {identity}.")
    for place in known:
        async with database.view() as session:
            yield await (await session.connection()).run_sync(examine, place, kept)


def _lines(outcome: Outcome) -> Iterator[str]:
    what = "agrees" if outcome.agrees else f"{len(outcome.differences) + len(outcome.troubles)} differences"
    kept = f"{outcome.sessions} sessions, {outcome.readings} readings, {outcome.review_items} review items"
    before = f"; {outcome.earlier} sessions from before what is stored not compared" if outcome.earlier else ""
    yield f"{outcome.identity}: {what}: {kept} from {outcome.frames} frames{before}"
    yield from (f"  {words}" for words in outcome.troubles)
    for found in outcome.differences:
        where = f"{found.table} {' '.join(map(str, found.key))}"
        if found.field is not None:
            yield f"  {where}: {found.field} is {found.stored}, its frames say {found.replayed}"
        else:
            words = (
                "is stored, its frames do not say so" if found.replayed is None else "is not stored, its frames say so"
            )
            yield f"  {where}: {words}"


def _json(outcome: Outcome) -> str:
    return msgspec.json.encode(outcome, enc_hook=_plain).decode()


def _plain(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
