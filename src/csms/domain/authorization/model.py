"""Id tokens."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from csms.kit.tables import AutoId, Base, BigInt


class IdToken(Base):
    """A credential that a driver presents; `uid` as it was given, `key` folded for comparing (CiString20).

    `group_id` is the parent id token that members of a group share. `status` is active or blocked; expiry is a time.
    """

    __tablename__ = "id_tokens"
    __table_args__ = (Index(None, "group_id"), Index(None, "created_at", "id"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"))
    uid: Mapped[str]
    key: Mapped[str] = mapped_column(unique=True)
    group_id: Mapped[str | None]
    status: Mapped[str]
    expires_at: Mapped[datetime | None]
    label: Mapped[str | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Refusal(Base):
    """An id token that was refused before a start; `authorization` says why: invalid, blocked, expired.

    Refused starts are not here: they are sessions. What was accepted is not kept, for a session follows or nothing does.
    """

    __tablename__ = "id_token_refusals"
    __table_args__ = (Index(None, "id_token_key", "at"), Index(None, "station_id", "at"))

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    at: Mapped[datetime]
    station_id: Mapped[int]
    id_token: Mapped[str]
    id_token_key: Mapped[str]
    authorization: Mapped[str]
    frame_id: Mapped[int] = mapped_column(BigInt)
