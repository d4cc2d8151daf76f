"""Repairs of stations' frames: how often, and which an operator has switched on."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from csms.kit.tables import Base, BigInt


class StationQuirks(Base):
    """The repairs an operator has switched on for a station, instead of those that its maker's profile names."""

    __tablename__ = "station_quirks"

    station_id: Mapped[int] = mapped_column(ForeignKey("stations.id", ondelete="CASCADE"), primary_key=True)
    repairs: Mapped[list[Any]]
    set_by: Mapped[str]
    set_at: Mapped[datetime]


class StationRepair(Base):
    """How often a repair was applied to a station's frames, and how often it would have been but was not on.

    `frame_id` is the last frame of it, in which the bytes stand as they were received.
    """

    __tablename__ = "station_repairs"

    station_id: Mapped[int] = mapped_column(ForeignKey("stations.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    applied: Mapped[int]
    missed: Mapped[int]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    frame_id: Mapped[int] = mapped_column(BigInt)
