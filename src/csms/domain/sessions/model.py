"""Sessions, readings, the review list."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ForeignKey, Index, false, text
from sqlalchemy.orm import Mapped, mapped_column

from csms.kit.tables import AutoId, Base, BigInt

ONE_SOLE: Final = "uq_sessions_sole_id_token_key"


class Session(Base):
    """A charging session; `id` is also the transaction id that its station was given.

    `state`: active or ended. `authorization` is what the id token was worth at the start (accepted, invalid, blocked, expired,
    concurrent). `ended_by`: station, or when we closed it: new_transaction (its connector began another one), available (its
    connector has long been), reboot (the same, since a boot).
    `sole` while it is the session of an id token that had no other when it was accepted: two such cannot be, whoever commits them.
    `started_at`, `ended_at` are the station's times, `*_received_at` ours. Energy is in Wh, never negative.
    """

    __tablename__ = "sessions"
    __table_args__ = (
        Index(None, "station_id", "started_at"),
        Index(None, "started_at"),
        Index(None, "id_token_key", "started_at"),
        Index(ONE_SOLE, "id_token_key", unique=True, sqlite_where=text("sole"), postgresql_where=text("sole")),
        Index(
            "ix_sessions_active_id_token_key",
            "id_token_key",
            sqlite_where=text("state = 'active'"),
            postgresql_where=text("state = 'active'"),
        ),
        Index(
            "ix_sessions_active_station_id",
            "station_id",
            sqlite_where=text("state = 'active'"),
            postgresql_where=text("state = 'active'"),
        ),
    )

    id: Mapped[int] = mapped_column(AutoId, primary_key=True, autoincrement=False)
    uid: Mapped[UUID] = mapped_column(unique=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("stations.id"))
    evse: Mapped[int]
    connector: Mapped[int]
    state: Mapped[str]
    id_token: Mapped[str]
    id_token_key: Mapped[str]
    group_id: Mapped[str | None]
    authorization: Mapped[str]
    sole: Mapped[bool] = mapped_column(server_default=false())
    reservation_id: Mapped[int | None]
    started_at: Mapped[datetime]
    started_received_at: Mapped[datetime]
    meter_start_wh: Mapped[int] = mapped_column(BigInt)
    energy_wh: Mapped[int] = mapped_column(BigInt)
    power_w: Mapped[float | None]
    soc_percent: Mapped[float | None]
    reading_at: Mapped[datetime | None]
    meter_stop_wh: Mapped[int | None] = mapped_column(BigInt)
    ended_at: Mapped[datetime | None]
    ended_received_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
    stop_reason: Mapped[str | None]
    stop_id_token: Mapped[str | None]


class Reading(Base):
    """What a station measured at one moment; `samples` is JSON of every sample, the columns are its headline figures.

    `frame_id` names the frame it came in, `number` counts the moments within that frame. `at` is the station's time.
    """

    __tablename__ = "readings"
    __table_args__ = (
        Index(
            "ix_readings_session_id_at",
            "session_id",
            "at",
            sqlite_where=text("session_id IS NOT NULL"),
            postgresql_where=text("session_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    frame_id: Mapped[int] = mapped_column(BigInt)
    number: Mapped[int]
    station_id: Mapped[int]
    evse: Mapped[int]
    session_id: Mapped[int | None] = mapped_column(BigInt)
    at: Mapped[datetime]
    context: Mapped[str]
    energy_wh: Mapped[float | None]
    power_w: Mapped[float | None]
    soc_percent: Mapped[float | None]
    samples: Mapped[bytes]


class ReviewItem(Base):
    """Something about energy or money that a person should look at; nothing of it was dropped.

    `kind`: unknown_transaction, refused_energy, meter_backwards, conflicting_stop, not_stopped, clock_wrong,
    over_power. `subject` tells items of a kind apart (a transaction id, of an end also its meter and time), so that a repeated
    frame does not repeat the item.
    """

    __tablename__ = "review_items"
    __table_args__ = (
        Index("uq_review_items_station_id_kind_subject", "station_id", "kind", "subject", unique=True),
        Index(None, "state", "at"),
    )

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    station_id: Mapped[int]
    kind: Mapped[str]
    subject: Mapped[str]
    session_id: Mapped[int | None] = mapped_column(BigInt)
    frame_id: Mapped[int] = mapped_column(BigInt)
    at: Mapped[datetime]
    energy_wh: Mapped[float | None]
    detail: Mapped[str]
    state: Mapped[str]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None]
    note: Mapped[str | None]
