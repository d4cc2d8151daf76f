"""Security events."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from csms.kit.tables import AutoId, Base, BigInt


class SecurityEvent(Base):
    """What a station reported with SecurityEventNotification; `severity` is critical or normal (security white paper §8).

    `at` is the station's time, `received_at` ours.
    """

    __tablename__ = "security_events"
    __table_args__ = (Index(None, "station_id", "id"),)

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("stations.id", ondelete="CASCADE"))
    kind: Mapped[str]
    severity: Mapped[str]
    at: Mapped[datetime]
    received_at: Mapped[datetime]
    tech_info: Mapped[str | None]
    frame_id: Mapped[int] = mapped_column(BigInt)
