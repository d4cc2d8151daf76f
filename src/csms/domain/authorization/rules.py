"""Whether an id token may charge: pure decisions over what is known of it."""

from datetime import datetime
from typing import NamedTuple

ACCEPTED = "accepted"
INVALID = "invalid"
BLOCKED = "blocked"
EXPIRED = "expired"
CONCURRENT = "concurrent"


def token_key(uid: str) -> str:
    """The form in which id tokens compare: without regard to case (CiString20, OCPP 1.6 §7.28)."""
    return uid.casefold()


class Use(NamedTuple):
    """An active session of an id token; `began_at` is None where its station's clock cannot be right."""

    session_id: int
    station_id: int
    began_at: datetime | None


class KnownToken(NamedTuple):
    """An id token of ours as the tables have it, with the sessions it has running anywhere."""

    uid: str
    group_id: str | None
    status: str
    expires_at: datetime | None
    uses: tuple[Use, ...]


class Authorization(NamedTuple):
    """A decision: `status` is accepted, invalid, blocked, expired or concurrent."""

    status: str
    expires_at: datetime | None = None
    group_id: str | None = None

    @property
    def accepted(self) -> bool:
        return self.status == ACCEPTED


UNKNOWN = Authorization(INVALID)


def authorize(token: KnownToken | None, now: datetime) -> Authorization:
    """Decide on an id token presented at `now`; unknown tokens are invalid (OCPP 1.6 §4.2)."""
    if token is None:
        return UNKNOWN
    if token.status != "active":
        return Authorization(BLOCKED, token.expires_at, token.group_id)
    if token.expires_at is not None and token.expires_at <= now:
        return Authorization(EXPIRED, token.expires_at, token.group_id)
    return Authorization(ACCEPTED, token.expires_at, token.group_id)
