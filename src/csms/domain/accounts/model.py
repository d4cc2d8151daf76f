"""Organisations, users, web sessions, API keys."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from csms.kit.tables import Base


class Organisation(Base):
    """An operator, sub-operator or site host; organisations form a tree."""

    __tablename__ = "organisations"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class User(Base):
    """A person who works with the console; `email` is kept in lower case."""

    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class WebSession(Base):
    """A signed-in browser; only the hash of its cookie is kept."""

    __tablename__ = "web_sessions"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(unique=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    address: Mapped[str]
    user_agent: Mapped[str]


class SignInFailure(Base):
    """A refused sign-in, remembered so that guessing slows down; `subject` is an e-mail address or a network address."""

    __tablename__ = "sign_in_failures"

    subject: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime]


class ApiKey(Base):
    """A script's key; only its hash is kept, `hint` shows its first characters."""

    __tablename__ = "api_keys"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    key_hash: Mapped[bytes] = mapped_column(unique=True)
    hint: Mapped[str]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class Grant(Base):
    """A role of a user or an API key: in an organisation and all below it, at a location, or (neither named) everywhere."""

    __tablename__ = "grants"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    api_key_id: Mapped[UUID | None] = mapped_column(ForeignKey("api_keys.id", ondelete="CASCADE"), index=True)
    role: Mapped[str]
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    location_id: Mapped[UUID | None] = mapped_column(ForeignKey("locations.id", ondelete="CASCADE"), index=True)

    @property
    def holder_id(self) -> UUID:
        holder = self.user_id or self.api_key_id
        assert holder is not None
        return holder


class SetupLink(Base):
    """The one-time link that creates the first administrator; only its hash is kept."""

    __tablename__ = "setup_links"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
