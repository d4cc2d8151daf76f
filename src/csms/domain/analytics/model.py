"""Daily totals, and what of each session is counted in them."""

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from csms.kit.tables import AutoId, Base, BigInt

NOWHERE = UUID(int=0)  # the location of stations that have none


class DailyTotal(Base):
    """What happened at a location on a day of its time zone.

    `sessions` that began on that day and have ended, the energy in Wh of these, and `faults` that its connectors reported.
    """

    __tablename__ = "daily_totals"

    day: Mapped[date] = mapped_column(primary_key=True)
    location_id: Mapped[UUID] = mapped_column(primary_key=True)
    sessions: Mapped[int]
    energy_wh: Mapped[int] = mapped_column(BigInt)
    faults: Mapped[int]


class CountedSession(Base):
    """Where and with how much a session is counted, so that it can be counted anew when it turns out to have had more."""

    __tablename__ = "counted_sessions"

    session_id: Mapped[int] = mapped_column(AutoId, primary_key=True, autoincrement=False)
    day: Mapped[date]
    location_id: Mapped[UUID]
    energy_wh: Mapped[int] = mapped_column(BigInt)
