"""Which stations something applies to, as the API shows and takes it."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from csms.api.schemas import Body
from csms.domain.stations.selection import Selection, selection_of

Word = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class SelectionBody(Body):
    """Stations to which everything given applies; nothing given is every station."""

    vendor: Word | None = Field(default=None, description="as the station says it at boot")
    model: Word | None = None
    firmware_version: Word | None = None
    location_id: UUID | None = None
    identities: list[Word] | None = Field(default=None, max_length=10_000)

    def selection(self) -> Selection:
        return Selection(**self.model_dump())

    @classmethod
    def of(cls, stored: dict[str, object]) -> "SelectionBody":
        chosen = selection_of(stored)
        return cls(**{name: getattr(chosen, name) for name in cls.model_fields})
