"""Connection attempts."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from csms.kit.tables import AutoId, Base


class ConnectionAttempt(Base):
    """A connection that was refused or broke before it was one; or the first good one after such.

    `problem` is one of the words of `rules.py` (None: it was let in), `note` what the other side or TLS said about it. `identity`
    is what the path says, or the common name of a certificate that TLS refused, or None when the attempt did not get that far.
    """

    __tablename__ = "connection_attempts"
    __table_args__ = (Index(None, "identity", "id"),)

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    at: Mapped[datetime]
    identity: Mapped[str | None]
    host: Mapped[str]
    address: Mapped[str]
    problem: Mapped[str | None] = mapped_column(index=True)
    note: Mapped[str | None]
    status: Mapped[int | None]
    path: Mapped[str | None]
    subprotocols: Mapped[str | None]
    username: Mapped[str | None]
    user_agent: Mapped[str | None]
    tls: Mapped[str | None]
    certificate_subject: Mapped[str | None]
