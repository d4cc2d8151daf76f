"""The bus between processes, over NATS; without NATS rings stay in the process, and slow polls find the rest."""

import asyncio
import time
from collections.abc import Callable
from typing import Final, NamedTuple

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error, NoRespondersError

from csms.adapters.bus.memory import MemoryBus
from csms.kit.bus import Listener
from csms.kit.tasks import Tasks

log = structlog.get_logger(__name__)

_SUBJECTS_A_MESSAGE: Final = 2_000  # far below a megabyte, NATS's limit
_RETRY_S: Final = 1
_CONNECT_TIMEOUT_S: Final = 2
_ALL_BACK_S: Final = 5.0  # once we are (back) on the bus, others may still be on their way
_IS_THERE_WITHIN_S: Final = 1.0  # who takes longer may be busy; that nobody is there is told at once


class Polls(NamedTuple):
    """Seconds between looks of who listens, while all is well (another process may be cut off) and while we are cut off."""

    well_s: float = 30.0
    troubled_s: float = 5.0


class NatsBus:
    """Rings listeners of this process at once, and those of others through NATS.

    What rings within one turn of the event loop travels in one message a kind (`commands`, `live`: the subject up to its dot).
    `trouble` says why other processes cannot hear us at present, if so. Rings while disconnected are dropped, by design.
    """

    def __init__(
        self, url: str, tasks: Tasks, *, prefix: str = "csms", name: str = "csms", polls: Polls | None = None
    ) -> None:
        self._urls = [part.strip() for part in url.split(",")]
        self._tasks = tasks
        self._prefix = prefix
        self._name = name
        self._polls = polls or Polls()
        self._here = MemoryBus()
        self._listening: dict[str, int] = {}
        self._subscribed: set[str] = set()
        self._there: dict[str, int] = {}
        self._shown: dict[str, Subscription] = {}
        self._pending: dict[str, set[str]] = {}
        self._rung = asyncio.Event()
        self._client = Client()
        self._connected_at = 0.0
        self.trouble: str | None = "not connected yet"

    @property
    def slow_poll_s(self) -> float | None:
        return self._polls.well_s if self.trouble is None else self._polls.troubled_s

    async def start(self) -> None:
        """Connect, and keep trying for ever; waits a little for the first connection, but does without it."""
        connecting = self._tasks.start(self._connect(), name="nats")
        self._tasks.start(self._send(), name="nats sender")
        await asyncio.wait([connecting], timeout=_CONNECT_TIMEOUT_S)

    async def close(self) -> None:
        await self._client.close()

    def ring(self, subject: str) -> None:
        self._here.ring(subject)
        self._pending.setdefault(_kind(subject), set()).add(subject)
        self._rung.set()

    def subscribe(self, subject: str, listener: Listener) -> Callable[[], None]:
        kind = _kind(subject)
        leave_here = self._here.subscribe(subject, listener)
        self._listening[kind] = self._listening.get(kind, 0) + 1
        self._rung.set()

        present = [kind]

        def leave() -> None:
            leave_here()
            while present:
                self._listening[present.pop()] -= 1

        return leave

    def be_there(self, name: str) -> Callable[[], None]:
        leave_here = self._here.be_there(name)
        self._there[name] = self._there.get(name, 0) + 1
        self._rung.set()
        present = [name]

        def leave() -> None:
            leave_here()
            while present:
                self._there[present.pop()] -= 1
            self._rung.set()

        return leave

    async def is_there(self, name: str) -> bool | None:
        """NATS tells at once that nobody listens to a subject; cut off from it, we cannot know."""
        if await self._here.is_there(name):
            return True
        if self.trouble is not None:
            return None
        try:
            await self._client.request(self._place(name), b"", timeout=_IS_THERE_WITHIN_S)
        except NoRespondersError:
            return False if time.monotonic() - self._connected_at > _ALL_BACK_S else None
        except (Error, TimeoutError):
            return None
        return True

    # -- to and from NATS ---------------------------------------------------------------------------------------------

    async def _connect(self) -> None:
        while self.trouble is not None:
            try:
                await self._client.connect(
                    self._urls,
                    name=self._name,
                    no_echo=True,
                    connect_timeout=_CONNECT_TIMEOUT_S,
                    reconnect_time_wait=_RETRY_S,
                    max_reconnect_attempts=-1,
                    ping_interval=10,
                    error_cb=self._failed,
                    disconnected_cb=self._disconnected,
                    reconnected_cb=self._reconnected,
                )
            except (OSError, Error) as error:
                await self._failed(error)
                await asyncio.sleep(_RETRY_S)
            else:
                await self._reconnected()

    async def _keep_up(self) -> None:
        try:
            await self._listen()
            await self._show()
        except Error as error:
            log.warning("the bus did not take what we listen to", reason=str(error))

    async def _listen(self) -> None:
        """To each kind once and for ever: a ring must not be lost because its listener is new."""
        for kind in self._listening.keys() - self._subscribed:
            await self._client.subscribe(f"{self._prefix}.{kind}", cb=self._heard)
            self._subscribed.add(kind)

    async def _show(self) -> None:
        """Answer under the names that we are there under, and under no other."""
        for name, count in self._there.items():
            if count and name not in self._shown:
                self._shown[name] = await self._client.subscribe(self._place(name), cb=_here)
            elif not count and name in self._shown:
                await self._shown.pop(name).unsubscribe()

    def _place(self, name: str) -> str:
        """Names may hold what no subject may."""
        return f"{self._prefix}.there.{name.encode().hex()}"

    async def _heard(self, message: Msg) -> None:
        if self._listening.get(message.subject.removeprefix(f"{self._prefix}.")):
            for subject in message.data.decode().split("\n"):
                self._here.ring(subject)

    async def _send(self) -> None:
        while True:
            await self._rung.wait()
            self._rung.clear()
            pending, self._pending = self._pending, {}
            if self.trouble is not None:
                continue
            await self._keep_up()
            for kind, subjects in pending.items():
                await self._publish(kind, list(subjects))

    async def _publish(self, kind: str, subjects: list[str]) -> None:
        try:
            for first in range(0, len(subjects), _SUBJECTS_A_MESSAGE):
                text = "\n".join(subjects[first : first + _SUBJECTS_A_MESSAGE])
                await self._client.publish(f"{self._prefix}.{kind}", text.encode())
        except Error as error:
            log.warning("rings were lost", kind=kind, count=len(subjects), reason=str(error))

    async def _failed(self, error: Exception) -> None:
        log.debug("NATS trouble", reason=repr(error))
        if self.trouble is not None:
            self.trouble = str(error) or type(error).__name__

    async def _disconnected(self) -> None:
        if self.trouble is None and not self._client.is_closed:
            log.error("the bus is gone; slow polls take over")
            self.trouble = "disconnected"

    async def _reconnected(self) -> None:
        log.info(
            "connected to the bus", server=self._client.connected_url.netloc if self._client.connected_url else None
        )
        self.trouble = None
        self._connected_at = time.monotonic()
        self._rung.set()


async def _here(message: Msg) -> None:
    await message.respond(b"")


def _kind(subject: str) -> str:
    return subject.partition(".")[0]
