"""What of the database a caller sees: every query of a request is narrowed to the places where its right holds.

One mechanism for all resources: `RULES` says of a table how its rows belong to places; what has a station lies where that is.
A table that is not named and has none shows nothing to who does not see everything.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, Final, TypeVar, cast

from sqlalchemy import ClauseElement, ColumnElement, Connection, Select, event, exists, false, or_, select, true
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
from csms.kit.tables import Base

T = TypeVar("T")

Rule = Callable[[Scope], ColumnElement[bool]]

# Tables, not entities: what narrows must not be narrowed itself.
_stations, _locations, _grants = Station.__table__.c, Location.__table__.c, Grant.__table__.c


def location_ids(scope: Scope) -> Select[Any]:
    """The ids of the locations within a scope that is not everything."""
    within = or_(_locations.organisation_id.in_(scope.organisations), _locations.id.in_(scope.locations))
    return select(_locations.id).where(within)


def station_ids(scope: Scope) -> Select[Any]:
    return select(_stations.id).where(_stations.location_id.in_(location_ids(scope)))


_home = Station.__table__.alias("home")


def at_stations(station_id: Any, scope: Scope) -> ColumnElement[bool]:
    """What has a station within. An organisation may have most of all stations, and to gather their ids takes longer than
    to look at the station of each row."""
    if not scope.organisations:
        return cast("ColumnElement[bool]", station_id.in_(station_ids(scope)))
    return exists().where(_home.c.id == station_id, _home.c.location_id.in_(location_ids(scope)))


def _holders(column: Any, scope: Scope) -> Select[Any]:
    """Users, or API keys, that have a role somewhere within."""
    within = or_(_grants.organisation_id.in_(scope.organisations), _grants.location_id.in_(location_ids(scope)))
    return select(column).where(column.is_not(None), within)


def _attempted(scope: Scope) -> ColumnElement[bool]:
    identities = select(_stations.identity).where(_stations.location_id.in_(location_ids(scope)))
    return ConnectionAttempt.identity.in_(identities)


RULES: Final[dict[type[Base], Rule]] = {
    Station: lambda scope: Station.location_id.in_(location_ids(scope)),
    Location: lambda scope: Location.id.in_(location_ids(scope)),
    Organisation: lambda scope: Organisation.id.in_(scope.organisations),
    User: lambda scope: User.id.in_(_holders(_grants.user_id, scope)),
    ApiKey: lambda scope: ApiKey.id.in_(_holders(_grants.api_key_id, scope)),
    Grant: lambda _: true(),  # seen with whose it is
    AuditEntry: lambda scope: or_(
        AuditEntry.organisation_id.in_(scope.organisations), AuditEntry.location_id.in_(location_ids(scope))
    ),
    IdToken: lambda scope: IdToken.organisation_id.in_(scope.organisations),
    ConnectionAttempt: _attempted,
    # What a station uploaded stays hidden when the station is gone; images belong to no station at all.
    StoredFile: lambda scope: or_(StoredFile.kind == IMAGE, StoredFile.station_id.in_(station_ids(scope))),
    FirmwareImage: lambda _: true(),  # the catalogues that stations of all places are served from
    ChargingProfile: lambda _: true(),
    ConfigurationTemplate: lambda _: true(),
    ListRule: lambda _: (
        true()
    ),  # whoever sees a station sees which rules apply to it; lists of rules take a role everywhere
    DailyTotal: lambda scope: DailyTotal.location_id.in_(location_ids(scope)),
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
        return lambda scope: at_stations(station_id, scope)
    return lambda _: false()


@cache
def _entities() -> dict[Any, type[Base]]:
    return {mapper.local_table: mapper.class_ for mapper in Base.registry.mappers}


def narrow(session: AsyncSession, scope: Scope) -> None:
    """From now on the session's queries find what lies in the scope, and nothing else."""
    if scope.everything:
        return

    def narrowed(execution: ORMExecuteState) -> None:
        if not execution.is_select or execution.is_column_load:
            return
        entities, statement = _entities(), cast("ClauseElement", execution.statement)
        found = find_tables(statement, check_columns=True)
        seen = {entities[table] for table in found if table in entities}
        execution.statement = execution.statement.options(
            *(with_loader_criteria(entity, rule_of(entity)(scope), include_aliases=True) for entity in seen)
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
            narrow(session, self._scope())
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
