"""The stations' port: listens, looks up who connects, and keeps the hub's clockwork going."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import structlog

from csms.domain.stations import admission, inbox
from csms.domain.stations.admission import Admitted
from csms.domain.stations.credentials import CHOSEN, GENERATED, OPEN, check_chosen, check_generated, fingerprint
from csms.domain.stations.inbox import Knock
from csms.domain.stations.links import close_left_open
from csms.gateway.dispatch import COMMANDS
from csms.gateway.door import Door
from csms.gateway.hub import LINKS, Hub
from csms.gateway.upgrade import UpgradeRequest
from csms.kit.batching import Batcher

log = structlog.get_logger(__name__)

SWEEP_S = 0.5
POLL_S = 5.0
REMEMBERED_PASSWORDS = 100_000


class Gateway:
    """Serves stations on one port; `station_key` is the key of the hashes of generated passwords."""

    def __init__(self, hub: Hub, station_key: bytes) -> None:
        self.hub = hub
        self.protocol = hub.dialect.protocol.name
        self._key = station_key
        self._found: Batcher[str, Admitted | None] = Batcher(hub.tasks, self._find)
        self._knocks: Batcher[Knock, None] = Batcher(hub.tasks, self._note)
        self._good: dict[tuple[str, str], None] = {}  # fingerprints of chosen passwords that argon2 found good
        self._entering: dict[int, tuple[asyncio.Lock, int]] = {}
        self._server: asyncio.Server | None = None
        self._argon = asyncio.Semaphore(2)

    async def start(self, host: str, port: int) -> int:
        """Listen; gives the port (a free one for 0)."""
        async with self.hub.database.unit() as session:
            await close_left_open(session, self.hub.settings.name, self.hub.clock.now())
        self.hub.bus.subscribe(COMMANDS, self.hub.dispatch.rung)
        self.hub.bus.subscribe(LINKS, self.hub.taken)
        self._server = await asyncio.get_running_loop().create_server(
            lambda: Door(self), host, port, backlog=4096, reuse_address=True
        )
        self.hub.tasks.start(self._sweep(), name="sweep")
        self.hub.tasks.start(self._poll(), name="poll")
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    async def stop(self, spread_s: float = 0.0) -> None:
        """Stop accepting, end every link; what is in flight is still committed by the recorder.

        The farewells are spread over that many seconds, so that the stations do not all knock elsewhere at once.
        """
        if self._server is not None:
            self._server.close()
        await self.hub.drain(spread_s)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            self.hub.sweep()

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(POLL_S)
            try:
                await self.hub.dispatch.poll()
            except Exception:
                log.exception("looking for waiting commands failed")

    # -- who is it ----------------------------------------------------------------------------------------------------

    async def find(self, identity: str) -> Admitted | None:
        return await self._found.ask_async(identity)

    async def _find(self, identities: Sequence[str]) -> list[Admitted | None]:
        found = await self.hub.database.read(lambda connection: admission.find(connection, identities))
        return [found.get(identity) for identity in identities]

    async def unknown(self, knock: Knock) -> None:
        """A stranger knocks: what happens is the operator's policy (inbox, accept, refuse)."""
        if self.hub.settings.unknown_stations == "refuse":
            log.info("unknown station refused", station=knock.identity, address=knock.address)
        else:
            await self._knocks.ask_async(knock)

    async def _note(self, knocks: Sequence[Knock]) -> list[None]:
        async with self.hub.database.unit() as session:
            if self.hub.settings.unknown_stations == "accept":
                identities = [knock.identity for knock in knocks]
                await admission.accept_unknown(session, identities, self.hub.clock.now())
            else:
                await inbox.note(session, knocks)
        return [None] * len(knocks)

    async def proven(self, station: Admitted, request: UpgradeRequest) -> bool:
        """Whether the station presented its password; a chosen one goes through argon2 only when it is new to us."""
        credential = station.credential
        if credential.kind == OPEN:
            return True
        if request.username != request.identity:
            return False
        if credential.kind == GENERATED:
            return any(check_generated(credential, self._key, request.identity, form) for form in request.passwords)
        return credential.kind == CHOSEN and await self._proven_chosen(station, request)

    async def _proven_chosen(self, station: Admitted, request: UpgradeRequest) -> bool:
        password = next(iter(request.passwords), "")
        known = (station.credential.sealed or "", fingerprint(self._key, request.identity, password))
        if known in self._good:
            return True
        async with self._argon:
            good = await asyncio.to_thread(check_chosen, station.credential, password)
        if good:
            if len(self._good) >= REMEMBERED_PASSWORDS:
                del self._good[next(iter(self._good))]
            self._good[known] = None
        return good

    @asynccontextmanager
    async def entering(self, station_id: int) -> AsyncIterator[None]:
        """One handshake at a time for a station, so that two sockets never share a link's memory."""
        lock, waiting = self._entering.get(station_id, (asyncio.Lock(), 0))
        self._entering[station_id] = (lock, waiting + 1)
        try:
            async with lock:
                yield
        finally:
            _, waiting = self._entering[station_id]
            if waiting == 1:
                del self._entering[station_id]
            else:
                self._entering[station_id] = (lock, waiting - 1)
