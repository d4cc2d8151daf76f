"""Transactions: how they begin, what flows and is metered, and how they end."""

from datetime import UTC, datetime, timedelta

from msgspec import UNSET, Struct

from csms.ocpp import v16
from csms.simulator.authorizing import Authorizing
from csms.simulator.backlog import UNKNOWN_TRANSACTION_ID, Entry
from csms.simulator.car import least_power_w
from csms.simulator.clock import Timer
from csms.simulator.connector import Connector, Transaction
from csms.simulator.controller import status_notification
from csms.simulator.journal import TransactionRecord
from csms.simulator.metering import meter_value
from csms.simulator.profiles import Profiles
from csms.simulator.reservations import Reservation
from csms.simulator.spec import StationSpec
from csms.simulator.world import World

_TICK_S = 15.0
_EARLY_S = 0.01
"""A real timer may fire this much before its simulated time."""


class Charging(Authorizing):
    """A controller that knows how to charge cars."""

    def __init__(self, spec: StationSpec, world: World) -> None:
        super().__init__(spec, world)
        self.profiles = Profiles()
        self._transactions = 0
        self._aligned_timer: Timer | None = None
        self.start_aligned_readings()

    # Beginning

    def begin(
        self,
        connector: Connector,
        id_tag: str,
        *,
        parent_id_tag: str | None = None,
        profile: v16.ChargingProfile | None = None,
    ) -> tuple[Transaction, Entry]:
        """Start a transaction now; its StartTransaction is on its way or queued."""
        if connector.transaction is not None:
            raise RuntimeError(f"{self.identity}: connector {connector.connector_id} is already charging")
        self.settle(connector)
        reservation = self.reservations.used_by(connector.connector_id, id_tag, parent_id_tag)
        record = self._new_record(connector, id_tag, reservation)
        transaction = Transaction(record, parent_id_tag)
        connector.transaction, connector.waiting, connector.finishing = transaction, None, False
        connector.plugged, connector.note = True, None
        if profile is not None:
            self.profiles.install(connector.connector_id, profile, record.number)
        self.world.journal.write(record)
        entry = Entry(_start_request(record), transaction, record.meter_start_wh)
        self.backlog.add(entry)
        self.share_power()
        if reservation is not None:
            self.end_reservation(reservation)
        self._note_for_stop(connector, transaction, "StopTxnSampledData", "Transaction.Begin")
        self.go_on(connector)
        return transaction, entry

    def _new_record(self, connector: Connector, id_tag: str, reservation: Reservation | None) -> TransactionRecord:
        self._transactions += 1
        return TransactionRecord(
            station=self.identity,
            number=self._transactions,
            connector_id=connector.connector_id,
            id_tag=id_tag,
            meter_start_wh=connector.meter_wh,
            started_at=self.now(),
            reservation_id=None if reservation is None else reservation.reservation_id,
        )

    # Running

    def settle(self, connector: Connector) -> None:
        """Let the meter catch up with the time that has passed, then see what can flow from here on."""
        now = self.clock.now()
        since, connector.metered_at = connector.metered_at or now, now
        transaction = connector.transaction
        if transaction is not None and connector.plugged and connector.car is not None and self.powered:
            taken_wh = connector.car.charge(connector.spec, connector.offered_w, (now - since).total_seconds())
            connector.register_wh += self._allowed(transaction, taken_wh)
        connector.offered_w = self._offer(connector)

    def _offer(self, connector: Connector) -> float:
        transaction = connector.transaction
        if transaction is None or connector.fault is not None or transaction.allowance_wh == 0:
            return 0.0
        limit_w = self.profiles.limit_w(
            connector.connector_id,
            connector.spec,
            self.clock.now(),
            charging_since=transaction.record.started_at,
            transaction_number=transaction.record.number,
            sharing=sum(other.transaction is not None for other in self.connectors),
        )
        return limit_w if limit_w >= least_power_w(connector.spec) else 0.0

    @staticmethod
    def _allowed(transaction: Transaction, taken_wh: float) -> float:
        if transaction.allowance_wh is None:
            return taken_wh
        taken_wh = min(taken_wh, transaction.allowance_wh)
        transaction.allowance_wh -= taken_wh
        return taken_wh

    def share_power(self) -> None:
        """A limit may have changed for any connector: settle up and tell whose status follows from it."""
        for connector in self.connectors:
            self.settle(connector)
            self.refresh(connector)

    def go_on(self, connector: Connector) -> None:
        """Keep the meter, the status and the readings of a transaction moving."""
        assert connector.transaction is not None
        self._schedule_readings(connector.transaction)
        self._schedule_tick(connector)

    def _schedule_readings(self, transaction: Transaction) -> None:
        interval_s = self.configuration.number("MeterValueSampleInterval")
        transaction.reading_interval_s = interval_s
        transaction.next_reading_at = self.clock.now() + timedelta(seconds=interval_s) if interval_s else None

    def _schedule_tick(self, connector: Connector) -> None:
        transaction = connector.transaction
        assert transaction is not None
        pause_s = _TICK_S
        if transaction.next_reading_at is not None:
            pause_s = min(pause_s, (transaction.next_reading_at - self.clock.now()).total_seconds())
        transaction.timer = self.after(pause_s, lambda: self._tick(connector, transaction))

    def _tick(self, connector: Connector, transaction: Transaction) -> None:
        if connector.transaction is not transaction or not self.powered:
            return
        self.settle(connector)
        if transaction.stops_after_allowance and transaction.allowance_wh == 0:
            self.finish(connector, "DeAuthorized")
            return
        self.refresh(connector)
        if transaction.reading_interval_s != self.configuration.number("MeterValueSampleInterval"):
            self._schedule_readings(transaction)
        due = transaction.next_reading_at
        if due is not None and (due - self.clock.now()).total_seconds() <= _EARLY_S:
            transaction.next_reading_at = due + timedelta(seconds=transaction.reading_interval_s)
            self._note_for_stop(connector, transaction, "StopTxnSampledData", "Sample.Periodic")
            self.take_reading(connector, "MeterValuesSampledData", "Sample.Periodic")
        self._schedule_tick(connector)

    def take_reading(self, connector: Connector, key: str, context: v16.ReadingContext) -> Entry | None:
        """Sample what a configuration key lists and queue it; None when the key lists nothing that applies."""
        self.settle(connector)
        value = meter_value(connector, self.configuration.measurands(key), context, self.now())
        if value is None:
            return None
        transaction = connector.transaction
        request = v16.MeterValues(connector_id=connector.connector_id, meter_value=[value])
        entry = Entry(request, transaction, connector.meter_wh)
        if transaction is not None:
            transaction.record.readings += 1
            self.world.journal.write(transaction.record)
        self.backlog.add(entry)
        return entry

    def _note_for_stop(
        self, connector: Connector, transaction: Transaction, key: str, context: v16.ReadingContext
    ) -> None:
        value = meter_value(connector, self.configuration.measurands(key), context, self.now())
        if value is not None:
            transaction.data.append(
                v16.TransactionMeterValue(timestamp=value.timestamp, sampled_value=value.sampled_value)
            )

    def start_aligned_readings(self) -> None:
        """Clock-aligned readings at multiples of ClockAlignedDataInterval since midnight UTC; 0 is none (§3.16.2)."""
        if self._aligned_timer is not None:
            self._aligned_timer.cancel()
        interval_s = self.configuration.number("ClockAlignedDataInterval")
        if interval_s:
            now = self.clock.now().astimezone(UTC)
            passed_s = (now - now.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds()
            self._aligned_timer = self.after(interval_s - passed_s % interval_s + _EARLY_S, self._take_aligned_readings)

    def _take_aligned_readings(self) -> None:
        if self.powered:
            for connector in self.connectors:
                self.take_reading(connector, "MeterValuesAlignedData", "Sample.Clock")
                if connector.transaction is not None:
                    self._note_for_stop(connector, connector.transaction, "StopTxnAlignedData", "Sample.Clock")
        self.start_aligned_readings()

    # Ending

    def finish(
        self,
        connector: Connector,
        reason: v16.StopReason,
        *,
        id_tag: str | None = None,
        at: datetime | None = None,
    ) -> Entry:
        """End the transaction of a connector, now or in the past; its StopTransaction is on its way or queued."""
        transaction = connector.transaction
        if transaction is None:
            raise RuntimeError(f"{self.identity}: connector {connector.connector_id} is not charging")
        self.settle(connector)
        self._note_for_stop(connector, transaction, "StopTxnSampledData", "Transaction.End")
        record = transaction.record
        record.meter_stop_wh, record.stopped_at, record.reason = connector.meter_wh, at or self.now(), reason
        self.world.journal.write(record)
        connector.transaction = None
        connector.finishing = connector.plugged
        if transaction.timer is not None:
            transaction.timer.cancel()
        transaction.end()
        self.profiles.end_transaction(record.number)
        entry = Entry(_stop_request(transaction, reason, id_tag), transaction, connector.meter_wh)
        self.backlog.add(entry)
        if connector.becomes_operative is not None:
            connector.operative, connector.becomes_operative = connector.becomes_operative, None
        self.share_power()
        return entry

    # What the central system made of it

    def settled(self, entry: Entry, response: Struct | None) -> None:
        transaction = entry.transaction
        if transaction is None:
            self._correct(entry.request)
            return
        record = transaction.record
        match response:
            case v16.StartTransactionResponse():
                record.transaction_id = response.transaction_id
                record.authorization_status = response.id_tag_info.status
            case v16.MeterValuesResponse():
                record.readings_acknowledged += 1
                record.meter_acknowledged_wh = entry.meter_wh
            case v16.StopTransactionResponse():
                record.stop_acknowledged = True
            case _:
                _give_up(record, entry)
        self.world.journal.write(record)
        if isinstance(response, v16.StartTransactionResponse):
            self._start_decided(transaction, response.id_tag_info)
        elif isinstance(response, v16.StopTransactionResponse) and response.id_tag_info is not UNSET:
            assert isinstance(entry.request, v16.StopTransaction)
            if entry.request.id_tag is not UNSET:
                self.learn(entry.request.id_tag, response.id_tag_info)

    def _correct(self, told: Struct) -> None:
        """After a status of long ago was told, say how it is now: the central system takes the last one it heard."""
        if isinstance(told, v16.StatusNotification) and told.connector_id > 0:
            self.say_status(self.connectors[told.connector_id - 1])

    def _start_decided(self, transaction: Transaction, info: v16.IdTagInfo) -> None:
        """Obey the decision about the id tag that came with the answer to StartTransaction (§4.8, errata 3.17)."""
        record = transaction.record
        listed = self.local_list.find(record.id_tag, self.now())
        self.learn(record.id_tag, info)
        if info.parent_id_tag is not UNSET:
            transaction.parent_id_tag = info.parent_id_tag
        if info.status == "Accepted":
            return
        if listed is not None and listed.status == "Accepted":
            conflict = self.main.condition._replace(error_code="LocalListConflict")
            self.tell(status_notification(0, conflict, self.now()))
        connector = self.connectors[record.connector_id - 1]
        if connector.transaction is transaction:
            self._deauthorize(connector, transaction)

    def _deauthorize(self, connector: Connector, transaction: Transaction) -> None:
        self.settle(connector)
        transaction.allowance_wh = float(self.configuration.number("MaxEnergyOnInvalidId"))
        transaction.stops_after_allowance = self.configuration.flag("StopTransactionOnInvalidId")
        if transaction.stops_after_allowance and not transaction.allowance_wh:
            self.finish(connector, "DeAuthorized")
        else:
            self.settle(connector)
            self.refresh(connector)


def _start_request(record: TransactionRecord) -> v16.StartTransaction:
    return v16.StartTransaction(
        connector_id=record.connector_id,
        id_tag=record.id_tag,
        meter_start=record.meter_start_wh,
        timestamp=record.started_at,
        reservation_id=UNSET if record.reservation_id is None else record.reservation_id,
    )


def _stop_request(transaction: Transaction, reason: v16.StopReason, id_tag: str | None) -> v16.StopTransaction:
    record = transaction.record
    assert record.meter_stop_wh is not None
    assert record.stopped_at is not None
    return v16.StopTransaction(
        transaction_id=UNKNOWN_TRANSACTION_ID,
        meter_stop=record.meter_stop_wh,
        timestamp=record.stopped_at,
        reason=reason,
        id_tag=id_tag or UNSET,
        transaction_data=transaction.data or UNSET,
    )


def _give_up(record: TransactionRecord, entry: Entry) -> None:
    match entry.request:
        case v16.StartTransaction():
            record.start_discarded = True
        case v16.MeterValues():
            record.readings_discarded += 1
        case v16.StopTransaction():
            record.stop_discarded = True
