"""Marks of reactions to facts, and the claims of those who relay them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from csms.kit.tables import Base, BigInt


class FactReaction(Base):
    """What became of a reaction to a fact; the mark `done` is committed together with all that the reaction did.

    `state`: done, or failing; a failing one is tried again at `next_try_at`, and the later facts of its `stream` wait for it.
    `attempts` counts its failures, `error` is the last.
    """

    __tablename__ = "fact_reactions"
    __table_args__ = (
        Index(
            "ix_fact_reactions_failing",
            "fact_id",
            sqlite_where=text("state = 'failing'"),
            postgresql_where=text("state = 'failing'"),
        ),
    )

    fact_id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    reaction: Mapped[str] = mapped_column(primary_key=True)
    stream: Mapped[str]
    state: Mapped[str]
    attempts: Mapped[int]
    next_try_at: Mapped[datetime | None]
    error: Mapped[str | None]
    at: Mapped[datetime]


class RelayClaim(Base):
    """A worker relays the facts of this share of the stations until then, or until it dies and the time is over."""

    __tablename__ = "relay_claims"

    share: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    worker: Mapped[UUID]
    until: Mapped[datetime]
