"""Choosing stations by what they are: the rule behind templates, lists and campaigns, stored as JSON and shown as it is."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, and_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from csms.domain.stations.model import Station


class Selection(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Stations to which everything given applies; nothing given is every station. An empty list of identities is none."""

    vendor: str | None = None
    model: str | None = None
    firmware_version: str | None = None
    location_id: UUID | None = None
    identities: list[str] | None = None

    def stored(self) -> dict[str, Any]:
        return msgspec.to_builtins(self)  # type: ignore[no-any-return]

    def condition(self) -> ColumnElement[bool]:
        """On `Station`."""
        exact = {
            Station.vendor: self.vendor,
            Station.model: self.model,
            Station.firmware_version: self.firmware_version,
            Station.location_id: self.location_id,
        }
        parts: list[ColumnElement[bool]] = [column == value for column, value in exact.items() if value is not None]
        if self.identities is not None:
            parts.append(Station.identity.in_(self.identities))
        return and_(true(), *parts)

    def includes(self, station: Station) -> bool:
        """The same, of one station at hand."""
        return (
            self.vendor in (None, station.vendor)
            and self.model in (None, station.model)
            and self.firmware_version in (None, station.firmware_version)
            and self.location_id in (None, station.location_id)
            and (self.identities is None or station.identity in self.identities)
        )


def selection_of(stored: Mapping[str, Any]) -> Selection:
    return msgspec.convert(stored, Selection)


async def select_ids(session: AsyncSession, selection: Selection) -> Sequence[int]:
    """The ids of the stations, in order of their identities."""
    chosen = select(Station.id).where(selection.condition()).order_by(Station.identity)
    return (await session.scalars(chosen)).all()
