"""Reservations."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from csms.kit.tables import AutoId, Base, BigInt

REQUESTED = "requested"
ACCEPTED = "accepted"
REFUSED = "refused"
FAILED = "failed"
USED = "used"
CANCELLED = "cancelled"
EXPIRED = "expired"
DROPPED = "dropped"


class Reservation(Base):
    """An evse (0: any of the station) kept for an id token, or for its group, until `expires_at`.

    `state` follows what the station answered: requested → accepted, refused (`answer` says why: faulted, occupied, unavailable,
    rejected) or failed (it never answered, so it may hold it); accepted → used, cancelled, expired or dropped (the station ended
    it, as it reports a fault, or a free connector, OCPP 1.6 §5.13). `id` is the number the station knows it by, `session_id`
    the session that used it. `cancel_answer` is what it last said to a cancellation.
    """

    __tablename__ = "reservations"
    __table_args__ = (
        Index(None, "station_id", "id"),
        Index(
            "ix_reservations_open",
            "state",
            "expires_at",
            sqlite_where=text("state IN ('requested', 'accepted')"),
            postgresql_where=text("state IN ('requested', 'accepted')"),
        ),
        {"sqlite_autoincrement": True},  # a number that a station may still hold must not come again
    )

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("stations.id", ondelete="CASCADE"))
    evse: Mapped[int]
    id_token: Mapped[str]
    group_id: Mapped[str | None]
    state: Mapped[str]
    answer: Mapped[str | None]
    cancel_answer: Mapped[str | None]
    requested_by: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    session_id: Mapped[int | None] = mapped_column(BigInt)
    command_id: Mapped[UUID | None]
    cancel_command_id: Mapped[UUID | None]
