"""Revoked certificates end the connections that were opened with them, whoever revoked them and in whatever process."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import structlog
from picows import WSCloseCode

from csms.domain.certificates.admission import revoked_since
from csms.domain.certificates.service import REVOKED
from csms.gateway.peer import Shown
from csms.gateway.secure import StationTls

if TYPE_CHECKING:
    from csms.gateway.hub import Hub

log = structlog.get_logger(__name__)

OVERLAP: Final = timedelta(minutes=10)  # clocks of processes differ, and a commit takes its time


class Revocations:
    """Hears of certificates that were revoked: ours by a doorbell or a look into the tables, others' by their lists."""

    def __init__(self, hub: "Hub", tls: StationTls | None) -> None:
        self._hub = hub
        self._tls = tls
        self._looked_at = hub.clock.now()

    def rung(self, subject: str) -> None:
        """A doorbell: `revoked.<fingerprint>`."""
        fingerprint = subject.removeprefix(REVOKED)
        self._end(lambda shown: shown.fingerprint == fingerprint)

    def lists_changed(self) -> None:
        """Authorities' lists were read anew."""
        if self._tls is not None:
            listed = self._tls.listed
            self._end(lambda shown: listed(shown.path))

    async def poll(self) -> None:
        """Find what no ring has told. Raises Unavailable."""
        if all(link.shown is None for link in self._hub.links.values()):
            return
        since, now = self._looked_at - OVERLAP, self._hub.clock.now()
        revoked = await self._hub.database.read(lambda connection: revoked_since(connection, since))
        self._looked_at = now
        self._end(lambda shown: shown.fingerprint in revoked)
        self.lists_changed()

    def _end(self, revoked: Callable[[Shown], bool]) -> None:
        for link in tuple(self._hub.links.values()):
            if link.shown is not None and not link.closing and revoked(link.shown):
                log.warning("the certificate of this connection was revoked", station=link.live.station.identity)
                link.close(WSCloseCode.POLICY_VIOLATION, "the certificate was revoked")
