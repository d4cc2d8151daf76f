"""The stations' port: listens, looks up who connects, and keeps the hub's clockwork going."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial

import structlog
from sqlalchemy.exc import IntegrityError

from csms.domain.certificates import admission as certificates
from csms.domain.certificates.admission import Issued
from csms.domain.certificates.service import REVOKED
from csms.domain.connections import recording
from csms.domain.connections.recording import Attempt
from csms.domain.security import arrival
from csms.domain.stations import admission, inbox
from csms.domain.stations.admission import Admitted
from csms.domain.stations.bells import JUDGED_BY, place_of_gateway
from csms.domain.stations.inbox import Knock
from csms.domain.stations.links import close_left_open
from csms.gateway.dispatch import COMMANDS
from csms.gateway.door import Door, Port
from csms.gateway.hub import LINKS, Hub
from csms.gateway.proof import Proof, Prover
from csms.gateway.proxies import Proxies
from csms.gateway.revocations import Revocations
from csms.gateway.secure import Line, StationTls
from csms.gateway.upgrade import Busy, UpgradeRequest, WrongPassword
from csms.kit.batching import Batcher
from csms.kit.errors import Unavailable

log = structlog.get_logger(__name__)

SWEEP_S = 0.5
POLL_S = 5.0
ATTEMPTS_WAITING = 1000  # more than that at once are not kept: somebody hammers at the door
REMEMBERED_FAILURES = 10_000
BUSY_WAITING = 100  # the same of those that were sent away because so many came
ANSWER_ON_ITS_WAY_S = 0.5


class Gateway:
    """Serves stations on its ports.

    `station_key` is the key of the hashes of generated passwords; with `tls` stations may connect over TLS, and must name
    `organisation` in certificates of other authorities than ours, if it is given. `proxies` may speak for stations.
    """

    def __init__(
        self,
        hub: Hub,
        station_key: bytes,
        tls: StationTls | None = None,
        organisation: str | None = None,
        proxies: Proxies | None = None,
    ) -> None:
        self.hub = hub
        self.proxies = proxies or Proxies()
        self.protocol = hub.dialect.protocol.name
        self._tls = tls
        self._certificates: Batcher[str, Issued | None] = Batcher(hub.tasks, self._find_certificates)
        self._prover = Prover(station_key, hub.clock, self._certificates.ask_async, tls, organisation)
        self._found: Batcher[str, Admitted | None] = Batcher(hub.tasks, self._find)
        self._knocks: Batcher[Knock, Admitted | None] = Batcher(hub.tasks, self._note)
        self._attempts: Batcher[Attempt, None] = Batcher(hub.tasks, self._keep)
        self._attempts_waiting = 0
        self._failed: dict[str, None] = {}  # identities of stations that were refused since they were last let in
        self._entering: dict[int, tuple[asyncio.Lock, int]] = {}
        self._servers: list[asyncio.Server] = []
        self.revocations = Revocations(hub, tls)
        self._be_gone: Callable[[], None] = lambda: None
        self.doors = 0  # connections that are neither let in nor refused yet
        self.leaving = False

    async def start(self) -> None:
        """Get ready for stations; `listen` lets them in."""
        async with self.hub.database.unit() as session:
            await close_left_open(session, self.hub.settings.name, self.hub.clock.now())
        self.hub.bus.subscribe(COMMANDS, self.hub.dispatch.rung)
        self.hub.bus.subscribe(LINKS, self.hub.taken)
        self.hub.bus.subscribe(JUDGED_BY, self.hub.quirks_changed)
        self.hub.bus.subscribe(REVOKED, self.revocations.rung)
        self._be_gone = self.hub.bus.be_there(place_of_gateway(self.hub.settings.name))
        self.hub.tasks.start(self._sweep(), name="sweep")
        self.hub.tasks.start(self._poll(), name="poll")

    async def listen(self, host: str, port: int, *, plain: bool = True, secured: bool = False) -> int:
        """Open a port for plain connections, for TLS, or for both; gives its number (a free one for 0)."""
        speaks = Port(plain, self._tls if secured else None)
        server = await asyncio.get_running_loop().create_server(
            lambda: Door(self, speaks), host, port, backlog=4096, reuse_address=True
        )
        self._servers.append(server)
        bound: int = server.sockets[0].getsockname()[1]
        return bound

    async def stop(self, spread_s: float = 0.0) -> None:
        """Stop accepting, end every link; what is in flight is still committed by the recorder.

        The farewells are spread over that many seconds, so that the stations do not all knock elsewhere at once.
        """
        self.leaving = True
        for server in self._servers:
            server.close()
        await self.hub.drain(spread_s)
        self._be_gone()  # not before: whose farewell is yet to come is not offline, and gets what it is told elsewhere

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            self.hub.sweep()

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(POLL_S)
            try:
                await self.hub.dispatch.poll()
                await self.revocations.poll()
            except Unavailable as trouble:
                log.warning("looks wait for the database", why=trouble.facts.get("reason", trouble.detail))
            except Exception:
                log.exception("looking for what a lost ring left behind failed")

    # -- who is it ----------------------------------------------------------------------------------------------------

    async def find(self, identity: str) -> Admitted | None:
        return await self._found.ask_async(identity)

    async def _find(self, identities: Sequence[str]) -> list[Admitted | None]:
        found = await self.hub.database.read(lambda connection: admission.find(connection, identities))
        return [found.get(identity) for identity in identities]

    async def unknown(self, knock: Knock) -> Admitted | None:
        """A stranger knocks: what happens is the operator's policy (inbox, accept, refuse)."""
        if self.hub.settings.unknown_stations == "refuse":
            log.info("unknown station refused", station=knock.identity, address=knock.address)
            return None
        return await self._knocks.ask_async(knock)

    async def _note(self, knocks: Sequence[Knock]) -> list[Admitted | None]:
        try:
            return await self._noted(knocks)
        except IntegrityError:  # another gateway did so in the same moment, and now it can be seen
            return await self._noted(knocks)

    async def _noted(self, knocks: Sequence[Knock]) -> list[Admitted | None]:
        if self.hub.settings.unknown_stations == "accept":
            identities = [knock.identity for knock in knocks]
            accept = partial(admission.accept_unknown, identities=identities, now=self.hub.clock.now())
            accepted = await self.hub.database.write(accept)
            return [accepted.get(identity) for identity in identities]
        await self.hub.database.write(partial(inbox.note, knocks=knocks))
        return [None] * len(knocks)

    async def prove(self, station: Admitted, request: UpgradeRequest, line: Line) -> tuple[Admitted, Proof]:
        """How the station proves who it is; raises a Refusal."""
        try:
            return station, await self._prover.prove(station, request, line)
        except WrongPassword:
            if not station.asked:
                raise
        # It may have taken its new password, with its answer on the way to the tables.
        await asyncio.sleep(ANSWER_ON_ITS_WAY_S)
        station = await self.find(request.identity) or station
        return station, await self._prover.prove(station, request, line)

    async def _find_certificates(self, fingerprints: Sequence[str]) -> list[Issued | None]:
        found = await self.hub.database.read(lambda connection: certificates.find(connection, fingerprints))
        return [found.get(fingerprint) for fingerprint in fingerprints]

    async def arrived(self, station: Admitted, proof: Proof) -> None:
        """Settle what a connect proves: the station has its new password, it has reached its new profile."""
        reached = station.raising_to is not None and proof.profile >= station.raising_to
        if not (proof.next_password or reached):
            return
        async with self.hub.database.unit() as session:
            now = self.hub.clock.now()
            if proof.next_password:
                await arrival.has_new_password(session, station.station_id, now)
            if reached:
                await arrival.has_reached_profile(session, station.station_id, proof.profile, now)
        self.hub.bus.ring(f"live.{station.station_id}")

    # -- what fails ---------------------------------------------------------------------------------------------------

    def attempted(self, attempt: Attempt) -> None:
        """Keep an attempt, with the next batch; none of those that our own end sends away."""
        if self.leaving:
            return
        if attempt.problem is not None and attempt.identity is not None and len(self._failed) < REMEMBERED_FAILURES:
            self._failed[attempt.identity] = None
        if self._attempts_waiting < (BUSY_WAITING if attempt.problem == Busy.problem else ATTEMPTS_WAITING):
            self._attempts_waiting += 1
            self._attempts.ask(attempt, partial(self._kept, attempt.identity))

    def first_success(self, identity: str) -> bool:
        """Whether the station was refused since it was last let in; asking forgets it."""
        return self._failed.pop(identity, self) is None

    def _kept(self, identity: str | None, _value: None, error: Exception | None) -> None:
        self._attempts_waiting -= 1
        if error is not None:
            log.warning("a failed connection attempt could not be kept", station=identity, error=repr(error))

    async def _keep(self, attempts: Sequence[Attempt]) -> list[None]:
        await self.hub.database.write(partial(recording.note, attempts=attempts))
        return [None] * len(attempts)

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
