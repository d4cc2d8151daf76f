"""What a station knows to be true of its own transactions: the record against which a central system is checked."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import msgspec


class TransactionRecord(msgspec.Struct, omit_defaults=True):
    """One transaction as the station lived it; energy in Wh of the connector's register, times in UTC.

    `number` counts the transactions of a station from 1. `transaction_id` is None until the central system has
    acknowledged the start; `start_discarded` and `stop_discarded` say that the station gave up delivering after
    TransactionMessageAttempts failures (OCPP 1.6 §3.7.1). `readings` were taken, `readings_acknowledged` answered, the
    last of them at `meter_acknowledged_wh`.
    """

    station: str
    number: int
    connector_id: int
    id_tag: str
    meter_start_wh: int
    started_at: datetime
    reservation_id: int | None = None
    transaction_id: int | None = None
    authorization_status: str | None = None
    start_discarded: bool = False
    readings: int = 0
    readings_acknowledged: int = 0
    readings_discarded: int = 0
    meter_acknowledged_wh: int | None = None
    meter_stop_wh: int | None = None
    stopped_at: datetime | None = None
    reason: str | None = None
    stop_acknowledged: bool = False
    stop_discarded: bool = False

    @property
    def energy_wh(self) -> int | None:
        """What was charged, as the meter has it (below nought if that was exchanged); None while it still runs."""
        return None if self.meter_stop_wh is None else self.meter_stop_wh - self.meter_start_wh


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(TransactionRecord)


class Journal:
    """Keeps every record and, given a file, appends a line with the whole record at each of its changes.

    A line is handed to the operating system before anything else happens, so the file survives a killed process.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._records: dict[tuple[str, int], TransactionRecord] = {}
        self._file: BinaryIO | None = path.open("ab", buffering=0) if path else None

    def write(self, record: TransactionRecord) -> None:
        """Note the present content of a new or changed record."""
        self._records[record.station, record.number] = record
        if self._file is not None:
            self._file.write(_ENCODER.encode(record) + b"\n")

    def records(self, station: str | None = None) -> list[TransactionRecord]:
        """The records of one station, or of all, oldest first for each station."""
        return [record for record in self._records.values() if station in (None, record.station)]

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def read_journal(path: Path) -> list[TransactionRecord]:
    """The records of a journal file, each as it was last written; a last line cut off in the middle is ignored."""
    return list({(record.station, record.number): record for record in _lines(path)}.values())


def _lines(path: Path) -> Iterator[TransactionRecord]:
    for line in path.read_bytes().splitlines(keepends=True):
        if line.endswith(b"\n"):
            yield _DECODER.decode(line)
