"""Firmware Management: updates and diagnostics (OCPP 1.6 §4.4, §4.5, §5.9, §5.19)."""

from typing import Literal

from msgspec import UNSET, UnsetType

from csms.ocpp.protocol import Action, Sender
from csms.ocpp.v16.types import Message, String255, Timestamp, Uri

DiagnosticsStatus = Literal["Idle", "Uploaded", "UploadFailed", "Uploading"]
FirmwareStatus = Literal[
    "Downloaded",
    "DownloadFailed",
    "Downloading",
    "Idle",
    "InstallationFailed",
    "Installing",
    "Installed",
]


class DiagnosticsStatusNotification(Message, frozen=True, kw_only=True):
    status: DiagnosticsStatus


class DiagnosticsStatusNotificationResponse(Message, frozen=True, kw_only=True):
    pass


class FirmwareStatusNotification(Message, frozen=True, kw_only=True):
    status: FirmwareStatus


class FirmwareStatusNotificationResponse(Message, frozen=True, kw_only=True):
    pass


class GetDiagnostics(Message, frozen=True, kw_only=True):
    """§6.25; `location` is the directory to upload to, `retry_interval` in seconds."""

    location: Uri
    retries: int | UnsetType = UNSET
    retry_interval: int | UnsetType = UNSET
    start_time: Timestamp | UnsetType = UNSET
    stop_time: Timestamp | UnsetType = UNSET


class GetDiagnosticsResponse(Message, frozen=True, kw_only=True):
    file_name: String255 | UnsetType = UNSET


class UpdateFirmware(Message, frozen=True, kw_only=True):
    """§6.55; `retry_interval` in seconds."""

    location: Uri
    retrieve_date: Timestamp
    retries: int | UnsetType = UNSET
    retry_interval: int | UnsetType = UNSET


class UpdateFirmwareResponse(Message, frozen=True, kw_only=True):
    pass


ACTIONS = (
    Action(
        "DiagnosticsStatusNotification",
        DiagnosticsStatusNotification,
        DiagnosticsStatusNotificationResponse,
        Sender.STATION,
    ),
    Action(
        "FirmwareStatusNotification", FirmwareStatusNotification, FirmwareStatusNotificationResponse, Sender.STATION
    ),
    Action("GetDiagnostics", GetDiagnostics, GetDiagnosticsResponse, Sender.CSMS),
    Action("UpdateFirmware", UpdateFirmware, UpdateFirmwareResponse, Sender.CSMS),
)
