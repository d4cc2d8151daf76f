"""What station frames change in the stations' tables."""

from datetime import datetime
from typing import NamedTuple

from csms.domain.stations.model import ConfigurationKey, Connector, Evse, Frame, Link, Station
from csms.kit.changes import Kind, writes


@writes(Frame, Kind.INSERT, rank=0)
class NewFrame(NamedTuple):
    station_id: int
    id: int
    direction: str
    action: str | None
    message_id: str | None
    call: bytes
    answer: bytes | None
    answered_at: datetime | None
    outcome: str
    error_code: str | None
    session_id: int | None


@writes(Frame, Kind.UPDATE, key=("station_id", "id"), rank=1)
class FrameAnswered(NamedTuple):
    answer: bytes | None
    answered_at: datetime | None
    outcome: str
    error_code: str | None
    station_id: int
    id: int


@writes(Evse, Kind.INSERT, rank=2, if_absent=True)
class EvseSeen(NamedTuple):
    station_id: int
    number: int


@writes(Connector, Kind.UPSERT, key=("station_id", "evse", "number"), rank=3)
class ConnectorStatus(NamedTuple):
    station_id: int
    evse: int
    number: int
    status: str
    error_code: str | None
    info: str | None
    vendor_id: str | None
    vendor_error_code: str | None
    status_at: datetime | None
    received_at: datetime | None


@writes(Station, Kind.UPDATE, key=("id",), rank=2)
class StationBooted(NamedTuple):
    vendor: str | None
    model: str | None
    serial_number: str | None
    firmware_version: str | None
    iccid: str | None
    imsi: str | None
    meter_type: str | None
    meter_serial_number: str | None
    booted_at: datetime | None
    updated_at: datetime
    id: int


@writes(Station, Kind.UPDATE, key=("id",), rank=3)
class FirmwareStatus(NamedTuple):
    firmware_status: str
    id: int


@writes(Station, Kind.UPDATE, key=("id",), rank=3)
class DiagnosticsStatus(NamedTuple):
    diagnostics_status: str
    id: int


@writes(ConfigurationKey, Kind.UPSERT, key=("station_id", "key"), rank=3)
class ConfigurationReported(NamedTuple):
    station_id: int
    key: str
    value: str | None
    readonly: bool
    known: bool
    reported_at: datetime


@writes(Link, Kind.UPDATE, key=("station_id", "epoch"), rank=8)
class LinkClosed(NamedTuple):
    online: bool
    disconnected_at: datetime
    station_id: int
    epoch: int


@writes(Link, Kind.UPDATE, key=("station_id", "epoch"), rank=1)
class LinkOpened(NamedTuple):
    address: str
    protocol: str
    security_profile: int
    tls: str | None
    station_id: int
    epoch: int
