"""The security extension: certificates, logs, signed firmware (OCPP 1.6 security white paper, edition 2, §5 and §6)."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from csms.ocpp.protocol import Action, Sender
from csms.ocpp.v16.remote_trigger import TriggerStatus
from csms.ocpp.v16.types import (
    AcceptedRejected,
    Message,
    String40,
    String50,
    String128,
    String255,
    String512,
    String800,
    String5500,
    String10000,
    Timestamp,
)

CertificateUse = Literal["CentralSystemRootCertificate", "ManufacturerRootCertificate"]
SignedFirmwareStatus = Literal[
    "Downloaded",
    "DownloadFailed",
    "Downloading",
    "DownloadScheduled",
    "DownloadPaused",
    "Idle",
    "InstallationFailed",
    "Installing",
    "Installed",
    "InstallRebooting",
    "InstallScheduled",
    "InstallVerificationFailed",
    "InvalidSignature",
    "SignatureVerified",
]
UploadLogStatus = Literal[
    "BadMessage",
    "Idle",
    "NotSupportedOperation",
    "PermissionDenied",
    "Uploaded",
    "UploadFailure",
    "Uploading",
]


class CertificateHashData(Message, frozen=True, kw_only=True):
    """Which certificate (§6.1)."""

    hash_algorithm: Literal["SHA256", "SHA384", "SHA512"]
    issuer_name_hash: String128
    issuer_key_hash: String128
    serial_number: String40


class CertificateSigned(Message, frozen=True, kw_only=True):
    """§5.1; PEM."""

    certificate_chain: String10000


class CertificateSignedResponse(Message, frozen=True, kw_only=True):
    status: AcceptedRejected


class DeleteCertificate(Message, frozen=True, kw_only=True):
    certificate_hash_data: CertificateHashData


class DeleteCertificateResponse(Message, frozen=True, kw_only=True):
    status: Literal["Accepted", "Failed", "NotFound"]


class ExtendedTriggerMessage(Message, frozen=True, kw_only=True):
    requested_message: Literal[
        "BootNotification",
        "LogStatusNotification",
        "FirmwareStatusNotification",
        "Heartbeat",
        "MeterValues",
        "SignChargePointCertificate",
        "StatusNotification",
    ]
    connector_id: int | UnsetType = UNSET


class ExtendedTriggerMessageResponse(Message, frozen=True, kw_only=True):
    status: TriggerStatus


class GetInstalledCertificateIds(Message, frozen=True, kw_only=True):
    certificate_type: CertificateUse


class GetInstalledCertificateIdsResponse(Message, frozen=True, kw_only=True):
    status: Literal["Accepted", "NotFound"]
    certificate_hash_data: Annotated[list[CertificateHashData], Meta(min_length=1)] | UnsetType = UNSET


class LogParameters(Message, frozen=True, kw_only=True):
    """Where to upload which stretch of a log (§6.11)."""

    remote_location: String512
    oldest_timestamp: Timestamp | UnsetType = UNSET
    latest_timestamp: Timestamp | UnsetType = UNSET


class GetLog(Message, frozen=True, kw_only=True):
    """§5.9; `retry_interval` in seconds."""

    log: LogParameters
    log_type: Literal["DiagnosticsLog", "SecurityLog"]
    request_id: int
    retries: int | UnsetType = UNSET
    retry_interval: int | UnsetType = UNSET


class GetLogResponse(Message, frozen=True, kw_only=True):
    status: Literal["Accepted", "Rejected", "AcceptedCanceled"]
    filename: String255 | UnsetType = UNSET


class InstallCertificate(Message, frozen=True, kw_only=True):
    """§5.11; PEM."""

    certificate_type: CertificateUse
    certificate: String5500


class InstallCertificateResponse(Message, frozen=True, kw_only=True):
    status: Literal["Accepted", "Failed", "Rejected"]


class LogStatusNotification(Message, frozen=True, kw_only=True):
    status: UploadLogStatus
    request_id: int | UnsetType = UNSET


class LogStatusNotificationResponse(Message, frozen=True, kw_only=True):
    pass


class SecurityEventNotification(Message, frozen=True, kw_only=True):
    type: String50
    timestamp: Timestamp
    tech_info: String255 | UnsetType = UNSET


class SecurityEventNotificationResponse(Message, frozen=True, kw_only=True):
    pass


class SignCertificate(Message, frozen=True, kw_only=True):
    """§5.17; a certificate signing request, PEM."""

    csr: String5500


class SignCertificateResponse(Message, frozen=True, kw_only=True):
    status: AcceptedRejected


class SignedFirmwareStatusNotification(Message, frozen=True, kw_only=True):
    status: SignedFirmwareStatus
    request_id: int | UnsetType = UNSET


class SignedFirmwareStatusNotificationResponse(Message, frozen=True, kw_only=True):
    pass


class Firmware(Message, frozen=True, kw_only=True):
    """A firmware image, its signature and who signed it (§6.7)."""

    location: String512
    retrieve_date_time: Timestamp
    signing_certificate: String5500
    signature: String800
    install_date_time: Timestamp | UnsetType = UNSET


class SignedUpdateFirmware(Message, frozen=True, kw_only=True):
    """§5.21; `retry_interval` in seconds."""

    request_id: int
    firmware: Firmware
    retries: int | UnsetType = UNSET
    retry_interval: int | UnsetType = UNSET


class SignedUpdateFirmwareResponse(Message, frozen=True, kw_only=True):
    status: Literal["Accepted", "Rejected", "AcceptedCanceled", "InvalidCertificate", "RevokedCertificate"]


ACTIONS = (
    Action("CertificateSigned", CertificateSigned, CertificateSignedResponse, Sender.CSMS),
    Action("DeleteCertificate", DeleteCertificate, DeleteCertificateResponse, Sender.CSMS),
    Action("ExtendedTriggerMessage", ExtendedTriggerMessage, ExtendedTriggerMessageResponse, Sender.CSMS),
    Action("GetInstalledCertificateIds", GetInstalledCertificateIds, GetInstalledCertificateIdsResponse, Sender.CSMS),
    Action("GetLog", GetLog, GetLogResponse, Sender.CSMS),
    Action("InstallCertificate", InstallCertificate, InstallCertificateResponse, Sender.CSMS),
    Action("LogStatusNotification", LogStatusNotification, LogStatusNotificationResponse, Sender.STATION),
    Action("SecurityEventNotification", SecurityEventNotification, SecurityEventNotificationResponse, Sender.STATION),
    Action("SignCertificate", SignCertificate, SignCertificateResponse, Sender.STATION),
    Action(
        "SignedFirmwareStatusNotification",
        SignedFirmwareStatusNotification,
        SignedFirmwareStatusNotificationResponse,
        Sender.STATION,
    ),
    Action("SignedUpdateFirmware", SignedUpdateFirmware, SignedUpdateFirmwareResponse, Sender.CSMS),
)
