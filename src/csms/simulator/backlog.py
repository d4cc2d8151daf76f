"""The queue of transaction-related messages: delivered in order, kept while offline, retried when refused (§3.7)."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import msgspec

from csms.ocpp import v16
from csms.simulator.configuration import Configuration
from csms.simulator.connector import Transaction
from csms.simulator.modem import CallFailed, ConnectionLost, Done, Outcome

TransactionMessage = v16.StartTransaction | v16.MeterValues | v16.StopTransaction
KeptMessage = TransactionMessage | v16.StatusNotification

UNKNOWN_TRANSACTION_ID = -1
"""What stands for the id of a transaction whose start was never acknowledged (errata 3.18)."""


@dataclass(slots=True, eq=False)
class Entry:
    """A message to deliver, as it was when it happened; `transaction` is None for what belongs to none."""

    request: KeptMessage
    transaction: Transaction | None
    meter_wh: int
    attempts: int = 0
    waiters: list[asyncio.Future[None]] = field(default_factory=list)

    def message(self) -> KeptMessage:
        """The request with the transaction id the central system gave in the meantime."""
        if self.transaction is None or isinstance(self.request, v16.StartTransaction | v16.StatusNotification):
            return self.request
        known = self.transaction.record.transaction_id
        return msgspec.structs.replace(self.request, transaction_id=UNKNOWN_TRANSACTION_ID if known is None else known)


class Carrier(Protocol):
    """Who delivers the messages of a backlog and hears what became of each."""

    configuration: Configuration

    @property
    def ready(self) -> bool: ...

    def place(self, request: msgspec.Struct, done: Done) -> None: ...

    def after(self, seconds: float, callback: Callable[[], object]) -> object: ...

    def settled(self, entry: Entry, response: msgspec.Struct | None) -> None: ...


class Backlog:
    """Messages in chronological order; only the oldest is ever on its way."""

    __slots__ = ("_busy", "_carrier", "_entries", "_pausing")

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier
        self._entries: deque[Entry] = deque()
        self._busy = False
        self._pausing = False

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, entry: Entry) -> None:
        self._entries.append(entry)
        self.kick()

    def lose(self, entry: Entry) -> None:
        """A message is gone that had not been sent yet: the station's memory failed it."""
        self._entries.remove(entry)

    def kick(self) -> None:
        """Deliver the oldest message if the station may speak and nothing is on its way."""
        if self._entries and not (self._busy or self._pausing) and self._carrier.ready:
            self._busy = True
            self._carrier.place(self._entries[0].message(), self._answered)

    async def attempted(self, entry: Entry) -> None:
        """Wait until the message is delivered, or until an attempt fails or the connection is gone."""
        if entry in self._entries and self._carrier.ready and not self._pausing:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            entry.waiters.append(waiter)
            await waiter

    async def emptied(self) -> None:
        """Wait until everything is delivered, or until an attempt fails or the connection is gone."""
        if self._entries:
            await self.attempted(self._entries[-1])

    def _answered(self, outcome: Outcome) -> None:
        self._busy = False
        entry = self._entries[0]
        if isinstance(outcome, ConnectionLost):
            self._wake_all()
        elif isinstance(outcome, CallFailed):
            entry.attempts += 1
            if entry.attempts >= self._carrier.configuration.number("TransactionMessageAttempts"):
                self._settle(entry, None)
            else:
                self._pausing = True
                pause_s = self._carrier.configuration.number("TransactionMessageRetryInterval") * entry.attempts
                self._carrier.after(pause_s, self._retry)
            self._wake_all()
        else:
            self._settle(entry, outcome)
        self.kick()

    def _retry(self) -> None:
        self._pausing = False
        self.kick()

    def _settle(self, entry: Entry, response: msgspec.Struct | None) -> None:
        self._entries.popleft()
        self._carrier.settled(entry, response)
        self._wake(entry)

    def _wake_all(self) -> None:
        for entry in self._entries:
            self._wake(entry)

    @staticmethod
    def _wake(entry: Entry) -> None:
        for waiter in entry.waiters:
            if not waiter.done():
                waiter.set_result(None)
        entry.waiters.clear()
