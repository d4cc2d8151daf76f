"""What of the database a caller sees: every query of a request is narrowed to the places where its right holds.

One mechanism for all resources: `RULES` says of a table how its rows belong to places; what has a station lies where that is.
A table that is not named and has none shows nothing to who does not see everything.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache, cached_property
from typing import Any, Final, TypeVar, cast

import msgspec
from sqlalchemy import (
    ClauseElement,
    ColumnElement,
    Connection,
    LargeBinary,
    Select,
    String,
    case,
    event,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import ORMExecuteState, with_loader_criteria
from sqlalchemy.sql.util import find_tables

from csms.domain.accounts.model import ApiKey, Grant, Organisation, User
from csms.domain.accounts.rules import Scope
from csms.domain.analytics.model import DailyTotal
from csms.domain.audit.model import AuditEntry
from csms.domain.authorization.model import IdToken
from csms.domain.configuration.model import ConfigurationTemplate
from csms.domain.connections.model import ConnectionAttempt
from csms.domain.facts.model import FactReaction
from csms.domain.firmware.model import IMAGE, FirmwareImage, StoredFile
from csms.domain.local_lists.model import ListRule
from csms.domain.smart_charging.model import ChargingProfile
from csms.domain.stations.model import Location, Station, UnknownStation
from csms.kit.database import Database, Work
from csms.kit.paging import sweeps
from csms.kit.tables import Base

T = TypeVar("T")

# Tables, not entities: what narrows must not be narrowed itself. Under names of their own, lest they be taken for tables of the
# statement they narrow.
_home, _there = Station.__table__.alias("home"), Location.__table__.alias("there")
_grants = Grant.__table__.c

FEW: Final = 1_000  # so many stations are soon gone through one by one


class Place:
    """Conditions on rows by the place they belong to: the station of each row is looked up.

    No database begins its plan at the places this way, which is right where rows are sought by their keys.
    """

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def organisation(self, organisation_id: Any) -> ColumnElement[bool]:
        return cast("ColumnElement[bool]", organisation_id.in_(self._scope.organisations))

    def is_location(self, location: Any) -> ColumnElement[bool]:
        """On the columns of a location itself."""
        named = [location.id.in_(self._scope.locations)] if self._scope.locations else []
        owned = [self.organisation(location.organisation_id)] if self._scope.organisations else []
        return or_(false(), *named, *owned)

    def location(self, location_id: Any) -> ColumnElement[bool]:
        return cast("ColumnElement[bool]", location_id.in_(select(_there.c.id).where(self.is_location(_there.c))))

    def itself(self, station: Any) -> ColumnElement[bool]:
        """On the columns of a station."""
        return self.station(station.id)

    def station(self, station_id: Any) -> ColumnElement[bool]:
        at = _home.c.location_id == _there.c.id
        return exists().where(_home.c.id == station_id, at, self.is_location(_there.c))

    def stations(self, column: Any) -> Select[Any]:
        """A column of the stations within."""
        return select(column).where(self.location(_home.c.location_id))


class SweptPlace(Place):
    """The same where many rows are looked through, of one snapshot: how many stations are within decides.

    At few stations a database does best to begin. At most of all stations it must not: for the rows of other tables they are
    gathered once and become a map of a byte for each station, 1 within and 0 beyond. To look there costs a tenth of looking up
    the station. What is not on the map is beyond.
    """

    def __init__(self, scope: Scope, connection: Callable[[], Connection]) -> None:
        super().__init__(scope)
        self._connection = connection

    @cached_property
    def _few(self) -> int | None:
        """How many stations are within, if they are few."""
        some = self.stations(_home.c.id).limit(FEW + 1).subquery()
        found = self._connection().scalar(select(func.count()).select_from(some)) or 0
        return found if found <= FEW else None

    @cached_property
    def _map(self) -> bytes:
        listed = func.aggregate_strings(sql_cast(_home.c.id, String), ",")
        text = self._connection().scalar(self.stations(listed))
        ids = msgspec.json.decode(f"[{text or ''}]", type=list[int])
        places = bytearray(max(ids, default=0) + 1)
        for station_id in ids:
            places[station_id] = 1
        return bytes(places)

    def itself(self, station: Any) -> ColumnElement[bool]:
        """By its location, of which there are few, unless the map has been drawn for the rows of other tables."""
        if self._few is not None or "_map" in vars(self):
            return self.station(station.id)
        return self.location(case((station.id > 0, station.location_id)))

    def station(self, station_id: Any) -> ColumnElement[bool]:
        if self._few == 0:
            return false()
        if self._few is not None:
            return cast("ColumnElement[bool]", station_id.in_(self.stations(_home.c.id)))
        # SQLite counts what is negative from the end. No database takes a CASE for a range to go through.
        mark = func.substr(literal(self._map, LargeBinary), station_id + 1, 1, type_=LargeBinary)
        return case((station_id > 0, mark)) > literal(b"\0", LargeBinary)


Rule = Callable[[Place], ColumnElement[bool]]


def _holders(column: Any, place: Place) -> Select[Any]:
    """Users, or API keys, that have a role somewhere within."""
    within = or_(place.organisation(_grants.organisation_id), place.location(_grants.location_id))
    return select(column).where(column.is_not(None), within)


def _attempted(place: Place) -> ColumnElement[bool]:
    return ConnectionAttempt.identity.in_(place.stations(_home.c.identity))


RULES: Final[dict[type[Base], Rule]] = {
    Station: lambda place: place.itself(Station),
    Location: lambda place: place.is_location(Location),
    Organisation: lambda place: place.organisation(Organisation.id),
    User: lambda place: User.id.in_(_holders(_grants.user_id, place)),
    ApiKey: lambda place: ApiKey.id.in_(_holders(_grants.api_key_id, place)),
    Grant: lambda _: true(),  # seen with whose it is
    AuditEntry: lambda place: or_(
        place.organisation(AuditEntry.organisation_id), place.location(AuditEntry.location_id)
    ),
    IdToken: lambda place: place.organisation(IdToken.organisation_id),
    ConnectionAttempt: _attempted,
    # What a station uploaded stays hidden when the station is gone; images belong to no station at all.
    StoredFile: lambda place: or_(StoredFile.kind == IMAGE, place.station(StoredFile.station_id)),
    FirmwareImage: lambda _: true(),  # the catalogues that stations of all places are served from
    ChargingProfile: lambda _: true(),
    ConfigurationTemplate: lambda _: true(),
    ListRule: lambda _: (
        true()
    ),  # whoever sees a station sees which rules apply to it; lists of rules take a role everywhere
    DailyTotal: lambda place: place.location(DailyTotal.location_id),
    FactReaction: lambda _: true(),  # seen with its fact
    UnknownStation: lambda _: false(),
}


def rule_of(entity: type[Base]) -> Rule:
    """How rows of an entity are narrowed; nothing is left of one that nobody thought of."""
    named = RULES.get(entity)
    if named is not None:
        return named
    station_id = getattr(entity, "station_id", None)
    if station_id is not None:
        return lambda place: place.station(station_id)
    return lambda _: false()


@cache
def _entities() -> dict[Any, type[Base]]:
    return {mapper.local_table: mapper.class_ for mapper in Base.registry.mappers}


def narrow(session: AsyncSession, scope: Scope, *, snapshot: bool = False) -> None:
    """From now on the session's queries find what lies in the scope, and nothing else. In a `snapshot` nothing comes or goes
    meanwhile, so that the places can be gathered once for what is swept (kit/paging.py)."""
    if scope.everything:
        return
    sought, swept = Place(scope), SweptPlace(scope, session.sync_session.connection)

    def narrowed(execution: ORMExecuteState) -> None:
        if not execution.is_select or execution.is_column_load:
            return
        place = swept if snapshot and sweeps(session) else sought
        entities, statement = _entities(), cast("ClauseElement", execution.statement)
        found = find_tables(statement, check_columns=True)
        # Stations last: what is joined to them may have had the map drawn.
        seen = sorted({entities[table] for table in found if table in entities}, key=lambda entity: entity is Station)
        execution.statement = execution.statement.options(
            *(with_loader_criteria(entity, rule_of(entity)(place), include_aliases=True) for entity in seen)
        )

    event.listen(session.sync_session, "do_orm_execute", narrowed)


class ScopedDatabase:
    """The database as somebody sees it; who has not been found to have a right, sees nothing."""

    def __init__(self, database: Database, scope: Callable[[], Scope]) -> None:
        self._database = database
        self._scope = scope

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[AsyncSession]:
        async with self._database.unit() as session:
            narrow(session, self._scope())
            yield session

    @asynccontextmanager
    async def view(self) -> AsyncIterator[AsyncSession]:
        async with self._database.view() as session:
            narrow(session, self._scope(), snapshot=True)
            yield session

    async def write(self, work: Work[T]) -> T:
        return await self._database.write(self._narrowed(work))

    async def look(self, work: Work[T]) -> T:
        return await self._database.look(self._narrowed(work))

    def _narrowed(self, work: Work[T]) -> Work[T]:
        scope = self._scope()

        async def narrowed(session: AsyncSession) -> T:
            narrow(session, scope)
            return await work(session)

        return narrowed

    async def read(self, question: Callable[[Connection], T]) -> T:
        """Plain SQL cannot be narrowed."""
        assert self._scope().everything
        return await self._database.read(question)
