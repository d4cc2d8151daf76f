"""Connection attempts that failed: what is wrong, and what to set in the station."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Query
from pydantic import Field

from csms.api.context import ApiContext, Context
from csms.api.operator.times import From, To
from csms.api.paging import PageOut, slice_of
from csms.api.rights import MayReadMessages
from csms.api.routing import router
from csms.api.schemas import Out
from csms.domain.connections import service as verbs
from csms.domain.connections.model import ConnectionAttempt
from csms.domain.connections.rules import PROBLEMS, Addresses, explain
from csms.domain.connections.service import AttemptFilter
from csms.domain.stations.verbs import stations
from csms.kit.paging import Slice

connection_attempts = router("/connection-attempts", "Connection doctor")
station_connection_attempts = router("/stations", "Connection doctor")

Problem = Literal[PROBLEMS]  # type: ignore[valid-type]
Part = Annotated[Slice, slice_of("id", "at", "identity", "host", "problem", default="-id")]


class ConnectionAttemptOut(Out):
    """`problem` and the words are absent for the first success after failures."""

    id: int
    at: datetime
    station: str | None = Field(description="the identity it named, ours or not; or a refused certificate")
    address: str
    problem: str | None
    words: str | None = Field(description="what is wrong")
    advice: str | None = Field(description="what to set in the station, or here")
    note: str | None = Field(description="what TLS said, or what we answered")
    status: int | None = Field(description="the HTTP status that was answered")
    path: str | None
    subprotocols: str | None
    username: str | None
    user_agent: str | None
    tls: str | None = Field(description="the version of TLS in use, or the highest that was offered")
    certificate_subject: str | None


def _show(context: ApiContext, row: ConnectionAttempt) -> ConnectionAttemptOut:
    words = explain(row, Addresses(context.settings.ocpp_url, context.settings.ocpp_tls_url))
    return ConnectionAttemptOut(
        id=row.id, at=row.at, station=row.identity, address=row.address, problem=row.problem,
        words=words.problem if words is not None else None, advice=words.advice if words is not None else None,
        note=row.note, status=row.status, path=row.path, subprotocols=row.subprotocols, username=row.username,
        user_agent=row.user_agent, tls=row.tls, certificate_subject=row.certificate_subject,
    )  # fmt: skip


@connection_attempts.get("")
async def list_connection_attempts(
    _: MayReadMessages,
    context: Context,
    part: Part,
    since: From = None,
    until: To = None,
    station: Annotated[str | None, Query(max_length=255, description="the identity it named")] = None,
    problem: Problem | None = None,
    host: Annotated[str | None, Query(max_length=100, description="where it came from, without port")] = None,
) -> PageOut[ConnectionAttemptOut]:
    async with context.database.view() as session:
        page = await verbs.list_attempts(session, AttemptFilter(station, problem, host, since, until), part)
    return PageOut.of(page, lambda row: _show(context, row))


@station_connection_attempts.get("/{identity}/connection-attempts")
async def list_station_connection_attempts(
    _: MayReadMessages, context: Context, identity: str, part: Part, since: From = None, until: To = None
) -> PageOut[ConnectionAttemptOut]:
    """Of a station of ours."""
    async with context.database.view() as session:
        station = await stations.get_station(session, identity)
        asked = AttemptFilter(station.identity, since=since, until=until)
        page = await verbs.list_attempts(session, asked, part)
    return PageOut.of(page, lambda row: _show(context, row))
