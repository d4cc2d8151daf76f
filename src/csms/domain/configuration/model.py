"""Configuration templates, and where each station stands with them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from csms.kit.tables import Base

IN_STEP = "in_step"
DRIFT = "drift"
UNREAD = "unread"
QUEUED = "queued"
SENT = "sent"
REBOOT_REQUIRED = "reboot_required"
REJECTED = "rejected"
NOT_SUPPORTED = "not_supported"
TOO_LONG = "too_long"
FAILED = "failed"


class ConfigurationTemplate(Base):
    """Values that configuration keys should have at the stations of a selection; of two templates the higher priority wins.

    `enforce` sends what drifts by itself; else drift is only shown until somebody applies the template.
    """

    __tablename__ = "configuration_templates"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    enabled: Mapped[bool]
    enforce: Mapped[bool]
    priority: Mapped[int]
    selection: Mapped[dict[str, Any]]
    keys: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class WantedKey(Base):
    """What one key of a station should be, and how that stands.

    `state`: in_step; drift (it reported something else, `since` when we saw it first); unread (never reported); queued and
    sent (being applied); reboot_required; rejected, not_supported, failed (no answer) or too_long (not sent: longer than the
    station takes).
    """

    __tablename__ = "wanted_keys"
    __table_args__ = (
        Index(
            "ix_wanted_keys_open",
            "station_id",
            sqlite_where=text("state IN ('queued', 'sent')"),
            postgresql_where=text("state IN ('queued', 'sent')"),
        ),
        Index(None, "template_id"),
    )

    station_id: Mapped[int] = mapped_column(ForeignKey("stations.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    template_id: Mapped[UUID] = mapped_column(ForeignKey("configuration_templates.id", ondelete="CASCADE"))
    wanted: Mapped[str]
    state: Mapped[str]
    since: Mapped[datetime | None]
    command_id: Mapped[UUID | None]
    answer: Mapped[str | None]
    answered_at: Mapped[datetime | None]


class PendingReboot(Base):
    """A value that the station took but will use only after its next boot (OCPP 1.6 §5.3); over once it has booted since."""

    __tablename__ = "pending_reboots"

    station_id: Mapped[int] = mapped_column(ForeignKey("stations.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
    since: Mapped[datetime]


class ConfigurationState(Base):
    """When we last asked a station for its keys, and which state of the templates it was last compared with."""

    __tablename__ = "configuration_states"

    station_id: Mapped[int] = mapped_column(ForeignKey("stations.id", ondelete="CASCADE"), primary_key=True)
    asked_at: Mapped[datetime | None]
    stamp: Mapped[str | None]
    compared_at: Mapped[datetime | None]
