"""Facts: what happened, stored in the commit that made it true, for whoever wants to react."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Index, false, text
from sqlalchemy.orm import Mapped, mapped_column

from csms.kit.changes import Kind, writes
from csms.kit.tables import AutoId, Base, BigInt

LATE = timedelta(minutes=1)
_encode = msgspec.json.Encoder().encode


class FactRow(Base):
    """A stored fact; `kind` is its class's name in past tense (`ConnectorFaulted`), `detail` what it says.

    `relayed` once every reaction to it is done. Several writers are at work, so ids become visible out of order: who looks for
    what is new looks for what is not relayed.
    """

    __tablename__ = "facts"
    __table_args__ = (
        Index(None, "station_id", "id"),
        Index(None, "kind", "id"),
        Index("ix_facts_waiting", "id", sqlite_where=text("relayed = 0"), postgresql_where=text("NOT relayed")),
    )

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    kind: Mapped[str]
    at: Mapped[datetime]
    station_id: Mapped[int | None]
    session_id: Mapped[int | None] = mapped_column(BigInt)
    detail: Mapped[dict[str, Any]]
    relayed: Mapped[bool] = mapped_column(server_default=false(), default=False)


@writes(FactRow, Kind.INSERT, rank=9)
class Fact(NamedTuple):
    """A fact on its way into the table; `detail` is JSON text."""

    kind: str
    at: datetime
    station_id: int | None
    session_id: int | None
    detail: str


def detail(**what: object) -> str:
    """A fact's detail as JSON text, without what is None."""
    return _encode({name: value for name, value in what.items() if value is not None}).decode()


def belated(at: datetime, now: datetime) -> datetime | None:
    """When it happened, if it is told of noticeably later (a station was offline); for `occurred_at` in a fact's detail."""
    return at if now - at > LATE else None
