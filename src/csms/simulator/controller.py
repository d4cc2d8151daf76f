"""The controller of a station: being connected, being registered, heartbeats, status, and delivery of messages."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any

from msgspec import UNSET, Struct
from picows import WSError

from csms.ocpp import v16
from csms.simulator.backlog import Backlog, Entry
from csms.simulator.clock import Timer
from csms.simulator.configuration import Configuration
from csms.simulator.connector import Condition, Connector, Reported
from csms.simulator.modem import CallFailed, ConnectionLost, Done, Modem, Outcome, log
from csms.simulator.safe import new_safe
from csms.simulator.spec import StationSpec
from csms.simulator.world import World

_BOOT_RETRY_S = 60
_REBOOT_S = 5.0
_FIRST_RETRY_S = 2.0
_LONGEST_RETRY_S = 120.0


class Controller:
    """What makes a box with connectors a station that talks; transactions and commands are built on it.

    `keep_online` makes it reconnect by itself whenever the connection is lost.
    """

    def __init__(self, spec: StationSpec, world: World) -> None:
        self.spec = spec
        self.identity = spec.identity
        self.world = world
        self.clock = world.clock
        self.random = world.random(spec.identity)
        self.configuration = Configuration(spec)
        self.firmware = spec.firmware
        self.main = Reported(0)
        self.connectors = tuple(
            Connector(number, spec=connector, register_wh=connector.meter_start_wh)
            for number, connector in enumerate(spec.connectors, start=1)
        )
        self.backlog = Backlog(self)
        self.registration: v16.RegistrationStatus | None = None
        self.keep_online = False
        self.powered = True
        self.closed = False
        self.once_accepted: list[Callable[[], object]] = []
        profile = int(self.configuration["SecurityProfile"])
        self.safe = new_safe(profile, spec.trusted, spec.certificate, spec.key)
        self.modem = Modem(
            world.url,
            spec.identity,
            world.clock,
            password=None if spec.password is None else spec.password.encode(),
            answer=self.answer,
            hung_up=self._hung_up,
            violations=world.violations,
            failures=world.failures,
            call_timeout_s=world.call_timeout_s,
            tls_url=world.tls_url,
            safe=self.safe,
        )
        self.trouble: str | None = None  # why it could not connect
        self._connecting: asyncio.Task[Any] | None = None
        self._boot_timer: Timer | None = None
        self._heartbeat_timer: Timer | None = None
        self._ping_timer: Timer | None = None

    # Time and processes

    def now(self) -> datetime:
        """The station's clock, to the millisecond."""
        now = self.clock.now()
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def after(self, seconds: float, callback: Callable[[], object]) -> Timer:
        """Call back later, unless the station is taken down before."""
        return self.clock.call_later(seconds, lambda: None if self.closed else callback())

    def spawn(self, work: Coroutine[Any, Any, object]) -> asyncio.Task[Any]:
        return self.world.spawn(work)

    def soon(self, callback: Callable[[], object]) -> None:
        """Do something once the answer to the call at hand has left."""

        async def do() -> None:
            callback()

        self.spawn(do())

    def close(self) -> None:
        """Take the station down for good: it hangs up and does nothing any more."""
        self.closed = True
        self.keep_online = False
        self.modem.disconnect()

    # Being online

    @property
    def online(self) -> bool:
        return self.modem.online

    @property
    def ready(self) -> bool:
        """Whether the station may send what it likes: connected, and accepted since it booted (§4.2)."""
        return self.modem.online and self.registration == "Accepted"

    async def connect(self) -> None:
        """Open the connection and nothing more; raises OSError or picows.WSError."""
        self.powered = True
        try:
            await self.modem.connect()
        except (OSError, WSError) as error:
            self.trouble = str(error) or type(error).__name__
            self.safe.failed()
            self.configuration.set("SecurityProfile", str(self.safe.profile))
            raise
        self.trouble = None
        self.safe.connected()

    async def come_online(self) -> None:
        """Connect, boot if it has not been accepted since power-up, and say what was missed; waits until that is done.

        Raises OSError, picows.WSError, CallFailed or ConnectionLost; with `keep_online` it goes on trying by itself.
        """
        try:
            await self.connect()
        except (OSError, WSError):
            self._stay_online()
            raise
        if self.registration == "Accepted":
            self._resume()
        else:
            await self.boot()
        await self.delivered()

    async def delivered(self) -> None:
        """Wait until everything said and queued is acknowledged, or until an attempt fails or the connection is gone."""
        await self.backlog.emptied()
        await self.modem.quiet()

    async def go_offline(self) -> None:
        """Lose the connection without a word, until `come_online`; what is charging goes on."""
        self.drop()

    def drop(self, *, abruptly: bool = True) -> None:
        """End the connection and do not open another, `keep_online` or not."""
        self._stop_connecting()
        keep, self.keep_online = self.keep_online, False
        self.modem.disconnect(abruptly=abruptly)
        self.keep_online = keep

    def reconnect(self) -> None:
        """Hang up and connect again, without a reboot."""
        self.drop(abruptly=False)
        self.bring_online(0.0)

    def enter_password(self, password: str) -> None:
        """Somebody enters a password at the station itself, which connects with it at once."""
        self.modem.password = password.encode()
        if self.safe.profile == 0:
            self.safe.profile = 1
            self.configuration.set("SecurityProfile", "1")
        self.reconnect()

    def reboot(self, pause_s: float = _REBOOT_S) -> None:
        """Restart the controller: hang up, come back after `pause_s` seconds, and boot."""
        self.drop(abruptly=False)
        self.restarted()
        self.bring_online(pause_s)

    def restarted(self) -> None:
        """Forget what does not survive a restart."""
        self.registration = None
        self.configuration.reboot()
        _cancel(self._boot_timer)
        for reported in (self.main, *self.connectors):
            reported.told = None

    def bring_online(self, pause_s: float) -> None:
        """Connect after about `pause_s` seconds and go on trying until it works; then boot, or say what was missed."""
        self._stop_connecting()
        self._connecting = self.spawn(self._connect_until_online(pause_s))

    def _stop_connecting(self) -> None:
        if self._connecting is not None:
            self._connecting.cancel()
            self._connecting = None

    def _stay_online(self) -> None:
        if self.keep_online and self.powered and not self.closed and self._connecting is None:
            self.bring_online(_FIRST_RETRY_S)

    async def _connect_until_online(self, pause_s: float) -> None:
        while True:
            await self.clock.sleep(pause_s * self.random.uniform(0.7, 1.3))
            try:
                await self.connect()
            except (OSError, WSError) as error:
                log.debug("%s: cannot connect: %s", self.identity, error)
                pause_s = min(max(pause_s, _FIRST_RETRY_S) * 2, _LONGEST_RETRY_S)
            else:
                break
        self._connecting = None
        if self.registration == "Accepted":
            self._resume()
        else:
            self.send_boot_notification()

    def _hung_up(self) -> None:
        _cancel(self._heartbeat_timer)
        _cancel(self._ping_timer)
        _cancel(self._boot_timer)
        self._stay_online()

    def _resume(self) -> None:
        """Back online without a reboot: catch up with what happened (§4.9, OCPP-J §5.4)."""
        self._start_heartbeats()
        self.start_pings()
        for reported in (self.main, *self.connectors):
            self._tell(reported)
        self.backlog.kick()

    # Calls

    async def call(self, request: Struct) -> Any:
        """Send any request, whatever the state; raises CallFailed or ConnectionLost."""
        return await self.modem.call(request)

    def place(self, request: Struct, done: Done) -> None:
        self.modem.place(request, done)

    def tell(self, request: Struct) -> None:
        """Send a request whose answer says nothing, if the station may speak now."""
        if self.ready:
            self.modem.place(request, _ignore)

    def say(self, request: Struct) -> None:
        """Send a request whose answer says nothing, because the central system asked for it."""
        self.modem.place(request, _ignore)

    def answer(self, action: str, request: Any) -> Struct | None:
        """What the station answers to a call; None to stay silent. Raises OcppError for a CALLERROR."""
        raise NotImplementedError

    def settled(self, entry: Entry, response: Struct | None) -> None:
        """A transaction-related message was answered, or given up (None)."""
        raise NotImplementedError

    # Being registered

    async def boot(self) -> v16.BootNotificationResponse:
        """Send a BootNotification and obey the answer; raises CallFailed or ConnectionLost."""
        heard: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self.send_boot_notification(heard.set_result)
        outcome = await heard
        if isinstance(outcome, Exception):
            raise outcome
        assert isinstance(outcome, v16.BootNotificationResponse)
        return outcome

    def send_boot_notification(self, done: Done | None = None) -> None:
        _cancel(self._boot_timer)

        def booted(outcome: Outcome) -> None:
            self._booted(outcome)
            if done is not None:
                done(outcome)

        self.modem.place(
            v16.BootNotification(
                charge_point_vendor=self.spec.vendor,
                charge_point_model=self.spec.model,
                charge_point_serial_number=self.identity[:25],
                firmware_version=self.firmware,
                meter_type="Class B MID",
            ),
            booted,
        )

    def _booted(self, outcome: Outcome) -> None:
        if isinstance(outcome, ConnectionLost):
            return
        if isinstance(outcome, CallFailed):
            self._boot_timer = self.after(_BOOT_RETRY_S, self._boot_again)
            return
        assert isinstance(outcome, v16.BootNotificationResponse)
        self.registration = outcome.status
        if outcome.status != "Accepted":
            self._boot_timer = self.after(max(outcome.interval, 0) or _BOOT_RETRY_S, self._boot_again)
            return
        if outcome.interval > 0:
            self.configuration.set("HeartbeatInterval", str(outcome.interval))
        self._resume()
        while self.once_accepted:
            self.once_accepted.pop(0)()

    def _boot_again(self) -> None:
        if self.modem.online and self.registration != "Accepted":
            self.send_boot_notification()

    # Heartbeats and pings

    def _start_heartbeats(self) -> None:
        _cancel(self._heartbeat_timer)
        self._heartbeat_timer = self.after(self.configuration.number("HeartbeatInterval"), self._beat)

    def heartbeat_interval_changed(self) -> None:
        if self.ready:
            self._start_heartbeats()

    def _beat(self) -> None:
        self.tell(v16.Heartbeat())
        self._start_heartbeats()

    def start_pings(self) -> None:
        """WebSocket pings every WebSocketPingInterval seconds; 0 is none (OCPP-J §7)."""
        _cancel(self._ping_timer)
        interval_s = self.configuration.number("WebSocketPingInterval")
        if interval_s:
            self._ping_timer = self.after(interval_s, self._ping)

    def _ping(self) -> None:
        self.modem.ping()
        if self.modem.online:
            self.start_pings()

    # Status

    def refresh(self, reported: Reported) -> None:
        """Work out the condition anew and tell the central system if it changed."""
        condition = reported.derive()
        if condition != reported.condition:
            reported.condition = condition
            reported.since = self.now()
            self._tell(reported)

    def say_status(self, reported: Reported) -> None:
        """Tell the present condition even where the station may speak only because it was asked to."""
        self.say(status_notification(reported.connector_id, reported.condition, reported.since or self.now()))

    def _tell(self, reported: Reported) -> None:
        condition = reported.condition
        if condition == reported.told or not self.ready:
            return
        reported.told = condition

        def told(outcome: Outcome) -> None:
            if isinstance(outcome, ConnectionLost) and reported.told is condition:
                reported.told = None

        self.modem.place(status_notification(reported.connector_id, condition, reported.since or self.now()), told)


def status_notification(connector_id: int, condition: Condition, at: datetime) -> v16.StatusNotification:
    return v16.StatusNotification(
        connector_id=connector_id,
        status=condition.status,
        error_code=condition.error_code,
        info=condition.info or UNSET,
        vendor_error_code=condition.vendor_error_code or UNSET,
        timestamp=at,
    )


def _cancel(timer: Timer | None) -> None:
    if timer is not None:
        timer.cancel()


def _ignore(_: Outcome) -> None:
    """Whatever the answer, nothing follows from it."""
