"""A station with its buttons: what people, cars, the mains and the central system do to it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from msgspec import UNSET, Struct

from csms.ocpp import v16
from csms.ocpp.errors import ErrorCode, OcppError
from csms.simulator.car import Car
from csms.simulator.charging import Charging
from csms.simulator.connector import Condition, Connector, Fault, Waiting
from csms.simulator.controller import status_notification
from csms.simulator.journal import TransactionRecord
from csms.simulator.spec import StationSpec
from csms.simulator.world import World

Handler = Callable[["Station", Any], Struct | None]


@dataclass(frozen=True, slots=True)
class Command:
    """How a station obeys one action, and the feature profile that must be on board for it (None: always)."""

    handle: Handler
    profile: str | None = None


class Station(Charging):
    """One simulated charging station. Every button can be pressed by a script or by a driver process.

    `invite` is called with a connector that waits for a cable because of a remote start.
    """

    def __init__(self, spec: StationSpec, world: World, commands: Mapping[str, Command]) -> None:
        super().__init__(spec, world)
        self._commands = commands
        self.invite: Callable[[Connector], object] | None = None
        self.firmware_status: v16.FirmwareStatus = "Idle"
        self.diagnostics_status: v16.DiagnosticsStatus = "Idle"
        self.log_status: v16.UploadLogStatus = "Idle"
        self._power_lost_at: datetime | None = None

    def connector(self, connector_id: int) -> Connector:
        """The connector with this number, counted from 1; raises ValueError."""
        if not 1 <= connector_id <= len(self.connectors):
            raise ValueError(f"{self.identity} has no connector {connector_id}")
        return self.connectors[connector_id - 1]

    def answer(self, action: str, request: Any) -> Struct | None:
        if self.registration == "Rejected":
            return None
        command = self._commands.get(action)
        if command is None or (command.profile is not None and command.profile not in self.spec.feature_profiles):
            raise OcppError(ErrorCode.NOT_SUPPORTED, f"{action} is not supported by this station")
        return command.handle(self, request)

    # What drivers do

    async def plug_in(self, connector_id: int, car: Car | None = None) -> None:
        """Put a cable in. Without a car nothing flows by itself: `meter` moves the register then."""
        connector = self.connector(connector_id)
        self.settle(connector)
        connector.plugged, connector.car, connector.note = True, car, None
        waiting = connector.waiting
        if waiting is not None:
            await self.accept(connector, waiting.id_tag, waiting.parent_id_tag, waiting.profile)
        else:
            self.share_power()

    async def unplug(self, connector_id: int) -> None:
        """Take the cable out; a running transaction ends, or pauses, as StopTransactionOnEVSideDisconnect says."""
        connector = self.connector(connector_id)
        self.settle(connector)
        if connector.transaction is not None and self.powered:
            connector.note = "EV side disconnected"
            if self.configuration.flag("StopTransactionOnEVSideDisconnect"):
                await self.backlog.attempted(self.finish(connector, "EVDisconnected"))
            else:
                connector.plugged, connector.car = False, None
                self.refresh(connector)
                return
        connector.plugged, connector.car, connector.finishing, connector.note = False, None, False, None
        self.refresh(connector)

    async def swipe(self, connector_id: int, id_tag: str) -> v16.IdTagInfo:
        """Hold a card to the reader: starts, waits for the cable, or stops; the answer is the decision about the tag."""
        connector = self.connector(connector_id)
        if connector.transaction is not None:
            return await self._swipe_to_stop(connector, id_tag)
        if not self.powered or self.main.fault is not None or not connector.usable:
            return v16.IdTagInfo(status="Invalid")
        info = await self.authorize(id_tag)
        parent = None if info.parent_id_tag is UNSET else info.parent_id_tag
        if info.status != "Accepted" or connector.transaction is not None:
            return info
        if not self.admits(connector, id_tag, parent):
            return v16.IdTagInfo(status="Invalid")
        await self.accept(connector, id_tag, parent)
        return info

    async def _swipe_to_stop(self, connector: Connector, id_tag: str) -> v16.IdTagInfo:
        """The tag that started may stop, and so may another of its group, which is asked about first (§4.1)."""
        transaction = connector.transaction
        assert transaction is not None
        info = v16.IdTagInfo(status="Accepted")
        if id_tag.lower() != transaction.record.id_tag.lower():
            info = await self.authorize(id_tag)
            same_group = info.parent_id_tag is not UNSET and info.parent_id_tag == transaction.parent_id_tag
            if info.status != "Accepted" or not same_group:
                return v16.IdTagInfo(status="Invalid")
        if connector.transaction is transaction:
            await self.backlog.attempted(self.finish(connector, "Local", id_tag=id_tag))
        return info

    async def accept(
        self,
        connector: Connector,
        id_tag: str,
        parent_id_tag: str | None = None,
        profile: v16.ChargingProfile | None = None,
    ) -> None:
        """An id tag is accepted: start if the cable is in, else wait for it until ConnectionTimeOut.

        Nothing happens where the mains went while the tag was asked about.
        """
        if not self.powered:
            return
        if connector.plugged:
            _, entry = self.begin(connector, id_tag, parent_id_tag=parent_id_tag, profile=profile)
            await self.backlog.attempted(entry)
            return
        waiting = Waiting(id_tag, parent_id_tag, profile)
        connector.waiting = waiting
        waiting.timer = self.after(
            self.configuration.number("ConnectionTimeOut"), lambda: self._nobody_came(connector, waiting)
        )
        self.refresh(connector)

    def _nobody_came(self, connector: Connector, waiting: Waiting) -> None:
        if connector.waiting is waiting:
            connector.waiting = None
            self.refresh(connector)

    async def start(self, connector_id: int, id_tag: str) -> TransactionRecord:
        """Begin a transaction without asking anybody; returns when its start is acknowledged, refused or queued."""
        transaction, entry = self.begin(self.connector(connector_id), id_tag)
        await self.backlog.attempted(entry)
        return transaction.record

    async def meter(self, connector_id: int, wh: float = 0) -> None:
        """Deliver `wh` at once and send a reading; returns when it is acknowledged, refused or queued."""
        connector = self.connector(connector_id)
        self.settle(connector)
        connector.register_wh += wh
        if connector.car is not None:
            connector.car.fill(wh)
        entry = self.take_reading(connector, "MeterValuesSampledData", "Sample.Periodic")
        if entry is not None:
            await self.backlog.attempted(entry)

    async def stop(
        self, connector_id: int, reason: v16.StopReason = "Local", id_tag: str | None = None
    ) -> TransactionRecord:
        """End the transaction; returns when its stop is acknowledged, refused or queued."""
        connector = self.connector(connector_id)
        transaction = connector.transaction
        entry = self.finish(connector, reason, id_tag=id_tag)
        assert transaction is not None
        await self.backlog.attempted(entry)
        return transaction.record

    # What goes wrong

    async def status(
        self,
        connector_id: int,
        status: v16.ChargePointStatus,
        error_code: v16.ChargePointErrorCode = "NoError",
        info: str | None = None,
        vendor_error_code: str | None = None,
    ) -> None:
        """Report a status. Faulted makes the connector faulty, anything else afterwards mends it; the rest is only said.

        Raises CallFailed or ConnectionLost when it is only said.
        """
        faulty = self.main if connector_id == 0 else self.connector(connector_id)
        if status == "Faulted":
            self.fail(connector_id, Fault(error_code, info, vendor_error_code))
        elif faulty.fault is not None:
            self.recover(connector_id)
        else:
            condition = Condition(status, error_code, info, vendor_error_code)
            await self.call(status_notification(connector_id, condition, self.now()))

    def fail(self, connector_id: int, fault: Fault) -> None:
        """Something breaks: whatever charges there stops, and a reservation ends (§5.13)."""
        if connector_id == 0:
            self.main.fault = fault
            self.refresh(self.main)
            return
        connector = self.connector(connector_id)
        connector.fault, connector.waiting = fault, None
        if connector.transaction is not None:
            self.finish(connector, "Other")
        for reservation in self.reservations.of_connector(connector_id):
            self.end_reservation(reservation)
        self.refresh(connector)

    def recover(self, connector_id: int) -> None:
        """The fault is gone and the status is what it would have been without it."""
        reported = self.main if connector_id == 0 else self.connector(connector_id)
        reported.fault = None
        self.refresh(reported)

    async def emergency_stop(self, connector_id: int) -> None:
        """Somebody hits the red button."""
        await self.backlog.attempted(self.finish(self.connector(connector_id), "EmergencyStop"))

    def power_loss(self) -> None:
        """The mains are gone: no energy, no connection, no clockwork."""
        for connector in self.connectors:
            self.settle(connector)
            connector.waiting = None
            if connector.transaction is not None and connector.transaction.timer is not None:
                connector.transaction.timer.cancel()
        self._power_lost_at = self.now()
        self.powered = False
        self.drop()

    def power_up(self, *, resume: bool = False) -> None:
        """The mains are back: the station boots by itself; transactions go on (`resume`) or ended at the power loss."""
        self.powered = True
        lost_at, self._power_lost_at = self._power_lost_at, None
        self.restarted()
        for connector in self.connectors:
            connector.metered_at = self.clock.now()
            if connector.transaction is None:
                continue
            if resume:
                self.go_on(connector)
            else:
                self.finish(connector, "PowerLoss", at=lost_at)
        self.bring_online(0.0)

    # What the central system may ask for

    async def start_remotely(self, connector: Connector, request: v16.RemoteStartTransaction) -> None:
        """Do what a driver would have done with this id tag, asking first if AuthorizeRemoteTxRequests says so (§5.11)."""
        parent = None
        if self.configuration.flag("AuthorizeRemoteTxRequests"):
            info = await self.authorize(request.id_tag)
            parent = None if info.parent_id_tag is UNSET else info.parent_id_tag
            if info.status != "Accepted":
                return
        if connector.transaction is not None or not self.admits(connector, request.id_tag, parent):
            return
        profile = None if request.charging_profile is UNSET else request.charging_profile
        await self.accept(connector, request.id_tag, parent, profile)
        if connector.waiting is not None and self.invite is not None:
            self.invite(connector)

    async def reset_softly(self) -> None:
        """Stop what is charging, say so, and restart (§5.14)."""
        for connector in self.connectors:
            if connector.transaction is not None:
                self.finish(connector, "SoftReset")
        await self.delivered()
        self.reboot()

    async def reset_hard(self) -> None:
        """Restart at once; what was charging is reported after the boot (§7.42)."""
        self.drop()
        for connector in self.connectors:
            if connector.transaction is not None:
                self.finish(connector, "HardReset")
        self.reboot()

    def make_operative(self, connector: Connector, *, operative: bool) -> bool:
        """Change the availability now, or when the transaction ends (False)."""
        if connector.transaction is not None and operative != connector.operative:
            connector.becomes_operative = operative
            return False
        connector.operative, connector.becomes_operative = operative, None
        if not operative:
            connector.waiting = None
            for reservation in self.reservations.of_connector(connector.connector_id):
                self.soon(partial(self.end_reservation, reservation))
        self.soon(lambda: self.refresh(connector))
        return True
