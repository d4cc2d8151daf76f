"""What signs."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import Protocol

from cryptography import x509


class Authority(Protocol):
    """A certificate authority; `root` is what stations must trust, PEM, `chain` what stands between it and theirs.

    Signing is slow: keep it off the event loop.
    """

    @property
    def root(self) -> str: ...

    @property
    def chain(self) -> str: ...

    def certify_station(
        self, request: str, identity: str, not_before: datetime, not_after: datetime
    ) -> x509.Certificate: ...

    def revocation_list(self, revoked: Iterable[tuple[int, datetime]], now: datetime) -> bytes: ...


AuthoritySource = Callable[[], Awaitable[Authority]]  # made, or read, when it is first asked for
