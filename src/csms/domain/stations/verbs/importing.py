"""Importing many stations at once: all of them or none."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.accounts.rules import Actor
from csms.domain.audit import service as audit
from csms.domain.stations.bells import ring_after_commit
from csms.domain.stations.checks import check_identity, check_text
from csms.domain.stations.errors import AmbiguousCredential, ImportRefused, StationExists, UnknownLocation
from csms.domain.stations.model import Station
from csms.domain.stations.store import inbox, stations
from csms.domain.stations.verbs.passwords import Issued, issue
from csms.kit.bus import Bus
from csms.kit.errors import Invalid, Problem

MOST_CHOSEN = 100  # a chosen password takes 50 ms of CPU to seal


class TooManyChosen(Invalid):
    """At most 100 stations of one import may bring a password of their own; split the import."""

    code = "too_many_chosen_passwords"


class Repeated(Invalid):
    """This row repeats an earlier one."""

    code = "repeated"


@dataclass(frozen=True, slots=True)
class NewStation:
    """A row: what `create_station` takes, and `password` if it is not to be generated."""

    identity: str
    name: str | None = None
    location_id: UUID | None = None
    registration: str = "accepted"
    password: str | None = None
    open: bool = False


def row_error(row: int, error: Problem) -> dict[str, str]:
    """One problem of one row, named as in the request: `items[3].identity`."""
    field = error.facts.get("field")
    place = f"items[{row}].{field}" if field else f"items[{row}]"
    return {"in": "body", "field": place, "code": error.code, "message": error.detail}


def issue_all(key: bytes, rows: Sequence[NewStation]) -> list[Issued]:
    """A credential for each row; slow when passwords were chosen, so keep it off the event loop. Raises ImportRefused."""
    errors = [row_error(index, error) for index, row in enumerate(rows) for error in _own_errors(row)]
    if sum(row.password is not None for row in rows) > MOST_CHOSEN:
        raise TooManyChosen
    if errors:
        raise ImportRefused(errors=errors)
    issued: list[Issued] = []
    for index, row in enumerate(rows):
        try:
            issued.append(issue(key, row.identity, row.password, open_=row.open))
        except Invalid as error:
            error.facts.setdefault("field", "password")
            errors.append(row_error(index, error))
    if errors:
        raise ImportRefused(errors=errors)
    return issued


def _own_errors(row: NewStation) -> Iterator[Problem]:
    try:
        check_identity(row.identity)
        if row.name is not None:
            check_text(row.name, "name")
        if row.open and row.password is not None:
            raise AmbiguousCredential(field="password")
    except Invalid as error:
        yield error


async def import_stations(
    session: AsyncSession, bus: Bus, actor: Actor, rows: Sequence[NewStation], issued: Sequence[Issued], now: datetime
) -> None:
    """Create all stations, or none. Raises ImportRefused with an error for every row that cannot be accepted."""
    errors = await _errors_together(session, rows)
    if errors:
        raise ImportRefused(errors=errors)
    await session.execute(insert(Station), [_as_row(row, given, now) for row, given in zip(rows, issued, strict=True)])
    identities = [row.identity for row in rows]
    await inbox.remove(session, identities)
    after = {"stations": len(rows), "identities": identities}
    places = {row.location_id for row in rows}
    place = places.pop() if len(places) == 1 else None
    await audit.record(session, actor, "import", "station", "*", None, after, now, location_id=place)
    created = await stations.ids_of(session, identities)
    ring_after_commit(
        session, bus, *(f"{bell}.{station_id}" for station_id in created for bell in ("stations", "live"))
    )


async def _errors_together(session: AsyncSession, rows: Sequence[NewStation]) -> list[dict[str, str]]:
    identities = Counter[str]()
    taken = await stations.known_identities(session, [row.identity for row in rows])
    wanted = {row.location_id for row in rows if row.location_id is not None}
    places = await stations.known_locations(session, list(wanted))
    errors = []
    for index, row in enumerate(rows):
        identities[row.identity] += 1
        if row.identity in taken:
            errors.append(row_error(index, StationExists(field="identity")))
        if identities[row.identity] > 1:
            errors.append(row_error(index, Repeated(field="identity")))
        if row.location_id is not None and row.location_id not in places:
            errors.append(row_error(index, UnknownLocation(field="location_id")))
    return errors


def _as_row(row: NewStation, issued: Issued, now: datetime) -> dict[str, Any]:
    return {
        "identity": row.identity,
        "name": row.name.strip() if row.name is not None else None,
        "location_id": row.location_id,
        "registration": row.registration,
        "credential_kind": issued.credential.kind,
        "credential": issued.credential.sealed,
        "created_at": now,
        "updated_at": now,
    }
