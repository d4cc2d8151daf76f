"""Rules for local lists, and each station's list."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from csms.kit.tables import Base

UNKNOWN = "unknown"
CHECKING = "checking"
SENDING = "sending"
SYNCED = "synced"
FAILED = "failed"
UNSUPPORTED = "unsupported"
UNMANAGED = "unmanaged"


class ListRule(Base):
    """Which id tokens may charge at the stations of a selection: all active ones, or those of labels, groups and uids.

    A station's wanted list is what all rules that apply to it allow together; without any it is left alone.
    """

    __tablename__ = "local_list_rules"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    enabled: Mapped[bool]
    selection: Mapped[dict[str, Any]]
    everyone: Mapped[bool]
    labels: Mapped[list[Any]]
    groups: Mapped[list[Any]]
    id_tokens: Mapped[list[Any]]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class LocalList(Base):
    """What a station holds: `entries` and `version` are what it acknowledged, `target` what the open command would make of them.

    `state`: unknown (not asked yet), checking (its version), sending, synced, failed (tried again at `retry_at`), unsupported or
    unmanaged. `reported_version` is what it last said itself. `answer` is the station's to the open command, None until it comes.
    `wanted_stamp` names the state of rules and id tokens that the last comparison saw.
    """

    __tablename__ = "local_lists"
    __table_args__ = (Index(None, "state"),)

    station_id: Mapped[int] = mapped_column(ForeignKey("stations.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[str]
    version: Mapped[int | None]
    reported_version: Mapped[int | None]
    reported_at: Mapped[datetime | None]
    entries: Mapped[dict[str, Any]] = mapped_column(deferred=True)
    entry_count: Mapped[int]
    wanted_count: Mapped[int]
    left_out: Mapped[int]
    wanted_stamp: Mapped[str | None]
    full_needed: Mapped[bool]
    command_id: Mapped[UUID | None]
    target: Mapped[dict[str, Any] | None] = mapped_column(deferred=True)
    target_version: Mapped[int | None]
    answer: Mapped[str | None]
    last_answer: Mapped[str | None]
    attempts: Mapped[int]
    retry_at: Mapped[datetime | None]
    synced_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]
