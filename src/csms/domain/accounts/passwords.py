"""People's passwords: argon2, away from the event loop, a few at a time."""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from csms.domain.accounts.errors import UnusablePassword

SHORTEST = 10
LONGEST = 200
_AT_ONCE = 2  # each takes 64 MiB and about 50 ms of CPU


class Passwords:
    """Hashes and checks passwords; a check against no hash takes as long as any other."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._nobody: str | None = None

    async def hash(self, password: str, *, email: str | None = None, field: str = "password") -> str:
        """Raises UnusablePassword, naming the `field`, when it is too short, too long or too easily guessed."""
        weakness = _weakness(password, email)
        if weakness is not None:
            raise UnusablePassword(weakness, field=field)
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def matches(self, sealed: str | None, password: str) -> bool:
        """Whether the password is the one behind `sealed`; never when there is none."""
        async with self._turns:
            return await asyncio.to_thread(self._matches, sealed, password)

    def _matches(self, sealed: str | None, password: str) -> bool:
        if self._nobody is None:
            self._nobody = self._hasher.hash("nobody")
        try:
            self._hasher.verify(sealed or self._nobody, password)
        except (VerificationError, InvalidHashError, UnicodeEncodeError):
            return False
        return bool(sealed)


def _weakness(password: str, email: str | None) -> str | None:
    if len(password) < SHORTEST:
        return f"A password has at least {SHORTEST} characters."
    if len(password) > LONGEST:
        return f"A password has at most {LONGEST} characters."
    if len(set(password)) < 5:
        return "A password has at least five different characters."
    if email is not None and email.casefold() in password.casefold():
        return "The e-mail address cannot be part of the password."
    return None
