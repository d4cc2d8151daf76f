"""Security events that stations reported."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Query
from pydantic import Field

from csms.api.context import Context
from csms.api.operator.times import From, StationIdentity, To
from csms.api.paging import PageOut, slice_of
from csms.api.rights import MayReadSecurity
from csms.api.routing import router
from csms.api.schemas import Out
from csms.domain.security import service as verbs
from csms.domain.security.service import EventFilter
from csms.domain.stations.verbs.stations import station_id
from csms.kit.paging import Slice

security_events = router("/security-events", "Security")

Severity = Literal["critical", "normal"]


class SecurityEventOut(Out):
    id: int
    station: str
    kind: str = Field(examples=["TamperDetectionActivated"])
    severity: Severity = Field(description="as the OCPP 1.6 security white paper has it")
    at: datetime = Field(description="the station's time")
    received_at: datetime
    tech_info: str | None


@security_events.get("")
async def list_security_events(
    _: MayReadSecurity,
    context: Context,
    part: Annotated[Slice, slice_of("id", "at", "received_at", "kind", "severity", default="-id")],
    since: From = None,
    until: To = None,
    station: StationIdentity = None,
    kind: Annotated[str | None, Query(max_length=50)] = None,
    severity: Severity | None = None,
) -> PageOut[SecurityEventOut]:
    async with context.database.view() as session:
        asked = EventFilter(await station_id(session, station), kind, severity, since, until)
        page = await verbs.list_events(session, asked, part)
    return PageOut.of(
        page,
        lambda view: SecurityEventOut(
            id=view.event.id,
            station=view.identity,
            kind=view.event.kind,
            severity=view.event.severity,  # type: ignore[arg-type]
            at=view.event.at,
            received_at=view.event.received_at,
            tech_info=view.event.tech_info,
        ),
    )
