"""The catalogue of charging profiles, what stations hold, what they report."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from csms.kit.tables import Base


class ChargingProfile(Base):
    """A charging profile of the catalogue; `profile` is a `commands.profiles.Profile`."""

    __tablename__ = "charging_profiles"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    profile: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class InstalledProfile(Base):
    """What a station accepted and, as far as we know, still holds: one profile an evse (0: the station), purpose and stack level.

    `number` is the one the station knows it by. A session profile that came with a remote start has no `transaction_id`: it
    is for the session that began there afterwards. `cleared_at` is set when the station said that it removed it.
    """

    __tablename__ = "installed_profiles"
    __table_args__ = (Index(None, "station_id", "number"),)

    station_id: Mapped[int] = mapped_column(ForeignKey("stations.id", ondelete="CASCADE"), primary_key=True)
    evse: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(primary_key=True)
    stack_level: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]
    transaction_id: Mapped[int | None]
    profile: Mapped[dict[str, Any]]
    installed_at: Mapped[datetime]
    cleared_at: Mapped[datetime | None]


class ReportedSchedule(Base):
    """The composite schedule a station last reported for an evse (0: the station); `periods` is None when it refused."""

    __tablename__ = "reported_schedules"

    station_id: Mapped[int] = mapped_column(ForeignKey("stations.id", ondelete="CASCADE"), primary_key=True)
    evse: Mapped[int] = mapped_column(primary_key=True)
    command_id: Mapped[UUID | None]
    status: Mapped[str]
    start_at: Mapped[datetime | None]
    duration_s: Mapped[int]
    unit: Mapped[str | None]
    periods: Mapped[list[Any] | None]
    reported_at: Mapped[datetime]
