"""Commands to stations."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from csms.kit.tables import Base, BigInt
from csms.kit.tracing import current_trace


class Command(Base):
    """An instruction to a station: pending → sent → accepted, rejected, failed or expired.

    `verb` is one of ours (`reset`) with a `payload` in domain words, or `ocpp` with the action in `action` and its OCPP payload.
    `answer` is the station's own payload, `error_code`/`error_description` its CALLERROR or why there was no answer.
    `trace` is the W3C `traceparent` of the request that placed it, if requests are traced.
    `led_to` says of a start what became of it: session or nothing; None while that is open.
    """

    __tablename__ = "commands"
    __table_args__ = (
        Index(None, "station_id", "id"),
        Index(
            "ix_commands_open",
            "state",
            "expires_at",
            sqlite_where=text("state IN ('pending', 'sent')"),
            postgresql_where=text("state IN ('pending', 'sent')"),
        ),
        Index(
            "ix_commands_starts_open",
            "state",
            "settled_at",
            sqlite_where=text("verb = 'start' AND led_to IS NULL"),
            postgresql_where=text("verb = 'start' AND led_to IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("stations.id", ondelete="CASCADE"))
    verb: Mapped[str]
    action: Mapped[str]
    payload: Mapped[dict[str, Any]]
    state: Mapped[str]
    requested_by: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    timeout_s: Mapped[float]
    sent_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    frame_id: Mapped[int | None] = mapped_column(BigInt)
    answer: Mapped[dict[str, Any] | None]
    error_code: Mapped[str | None]
    error_description: Mapped[str | None]
    trace: Mapped[str | None] = mapped_column(default=current_trace)
    led_to: Mapped[str | None]
