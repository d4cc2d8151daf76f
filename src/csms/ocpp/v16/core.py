"""Core: booting, authorising, charging, status, configuration (OCPP 1.6 §4.1-4.10, §5.2-5.5, §5.8, §5.11-5.14, §5.18)."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from csms.ocpp.protocol import Action, Sender
from csms.ocpp.v16.metering import MeterValue, TransactionMeterValue
from csms.ocpp.v16.smart_charging import ChargingProfile
from csms.ocpp.v16.types import (
    AcceptedRejected,
    IdTagInfo,
    Message,
    String20,
    String25,
    String50,
    String255,
    String500,
    Timestamp,
)

RegistrationStatus = Literal["Accepted", "Pending", "Rejected"]
ChargePointErrorCode = Literal[
    "ConnectorLockFailure",
    "EVCommunicationError",
    "GroundFailure",
    "HighTemperature",
    "InternalError",
    "LocalListConflict",
    "NoError",
    "OtherError",
    "OverCurrentFailure",
    "PowerMeterFailure",
    "PowerSwitchFailure",
    "ReaderFailure",
    "ResetFailure",
    "UnderVoltage",
    "OverVoltage",
    "WeakSignal",
]
ChargePointStatus = Literal[
    "Available",
    "Preparing",
    "Charging",
    "SuspendedEVSE",
    "SuspendedEV",
    "Finishing",
    "Reserved",
    "Unavailable",
    "Faulted",
]
StopReason = Literal[
    "EmergencyStop",
    "EVDisconnected",
    "HardReset",
    "Local",
    "Other",
    "PowerLoss",
    "Reboot",
    "Remote",
    "SoftReset",
    "UnlockCommand",
    "DeAuthorized",
]


class Authorize(Message, frozen=True, kw_only=True):
    id_tag: String20


class AuthorizeResponse(Message, frozen=True, kw_only=True):
    id_tag_info: IdTagInfo


class BootNotification(Message, frozen=True, kw_only=True):
    charge_point_vendor: String20
    charge_point_model: String20
    charge_point_serial_number: String25 | UnsetType = UNSET
    charge_box_serial_number: String25 | UnsetType = UNSET
    firmware_version: String50 | UnsetType = UNSET
    iccid: String20 | UnsetType = UNSET
    imsi: String20 | UnsetType = UNSET
    meter_type: String25 | UnsetType = UNSET
    meter_serial_number: String25 | UnsetType = UNSET


class BootNotificationResponse(Message, frozen=True, kw_only=True):
    """§6.4; `interval` in seconds: between heartbeats once Accepted, else before the next attempt."""

    status: RegistrationStatus
    current_time: Timestamp
    interval: int


class ChangeAvailability(Message, frozen=True, kw_only=True):
    connector_id: int
    type: Literal["Inoperative", "Operative"]


class ChangeAvailabilityResponse(Message, frozen=True, kw_only=True):
    status: Literal["Accepted", "Rejected", "Scheduled"]


class ChangeConfiguration(Message, frozen=True, kw_only=True):
    key: String50
    value: String500


class ChangeConfigurationResponse(Message, frozen=True, kw_only=True):
    status: Literal["Accepted", "Rejected", "RebootRequired", "NotSupported"]


class ClearCache(Message, frozen=True, kw_only=True):
    pass


class ClearCacheResponse(Message, frozen=True, kw_only=True):
    status: AcceptedRejected


class DataTransfer(Message, frozen=True, kw_only=True):
    vendor_id: String255
    message_id: String50 | UnsetType = UNSET
    data: str | UnsetType = UNSET


class DataTransferResponse(Message, frozen=True, kw_only=True):
    status: Literal["Accepted", "Rejected", "UnknownMessageId", "UnknownVendorId"]
    data: str | UnsetType = UNSET


class GetConfiguration(Message, frozen=True, kw_only=True):
    """§6.23; no key, or none in the list, asks for all."""

    key: list[String50] | UnsetType = UNSET


class KeyValue(Message, frozen=True, kw_only=True):
    key: String50
    readonly: bool
    value: String500 | UnsetType = UNSET


class GetConfigurationResponse(Message, frozen=True, kw_only=True):
    configuration_key: list[KeyValue] | UnsetType = UNSET
    unknown_key: list[String50] | UnsetType = UNSET


class Heartbeat(Message, frozen=True, kw_only=True):
    pass


class HeartbeatResponse(Message, frozen=True, kw_only=True):
    current_time: Timestamp


class MeterValues(Message, frozen=True, kw_only=True):
    connector_id: int
    meter_value: Annotated[list[MeterValue], Meta(min_length=1)]
    transaction_id: int | UnsetType = UNSET


class MeterValuesResponse(Message, frozen=True, kw_only=True):
    pass


class RemoteStartTransaction(Message, frozen=True, kw_only=True):
    id_tag: String20
    connector_id: int | UnsetType = UNSET
    charging_profile: ChargingProfile | UnsetType = UNSET


class RemoteStartTransactionResponse(Message, frozen=True, kw_only=True):
    status: AcceptedRejected


class RemoteStopTransaction(Message, frozen=True, kw_only=True):
    transaction_id: int


class RemoteStopTransactionResponse(Message, frozen=True, kw_only=True):
    status: AcceptedRejected


class Reset(Message, frozen=True, kw_only=True):
    type: Literal["Hard", "Soft"]


class ResetResponse(Message, frozen=True, kw_only=True):
    status: AcceptedRejected


class StartTransaction(Message, frozen=True, kw_only=True):
    """§6.45; `meter_start` in Wh."""

    connector_id: int
    id_tag: String20
    meter_start: int
    timestamp: Timestamp
    reservation_id: int | UnsetType = UNSET


class StartTransactionResponse(Message, frozen=True, kw_only=True):
    id_tag_info: IdTagInfo
    transaction_id: int


class StatusNotification(Message, frozen=True, kw_only=True):
    connector_id: int
    error_code: ChargePointErrorCode
    status: ChargePointStatus
    info: String50 | UnsetType = UNSET
    timestamp: Timestamp | UnsetType = UNSET
    vendor_id: String255 | UnsetType = UNSET
    vendor_error_code: String50 | UnsetType = UNSET


class StatusNotificationResponse(Message, frozen=True, kw_only=True):
    pass


class StopTransaction(Message, frozen=True, kw_only=True):
    """§6.49; `meter_stop` in Wh; an absent reason means Local."""

    meter_stop: int
    timestamp: Timestamp
    transaction_id: int
    id_tag: String20 | UnsetType = UNSET
    reason: StopReason | UnsetType = UNSET
    transaction_data: list[TransactionMeterValue] | UnsetType = UNSET


class StopTransactionResponse(Message, frozen=True, kw_only=True):
    id_tag_info: IdTagInfo | UnsetType = UNSET


class UnlockConnector(Message, frozen=True, kw_only=True):
    connector_id: int


class UnlockConnectorResponse(Message, frozen=True, kw_only=True):
    status: Literal["Unlocked", "UnlockFailed", "NotSupported"]


ACTIONS = (
    Action("Authorize", Authorize, AuthorizeResponse, Sender.STATION),
    Action("BootNotification", BootNotification, BootNotificationResponse, Sender.STATION),
    Action("ChangeAvailability", ChangeAvailability, ChangeAvailabilityResponse, Sender.CSMS),
    Action("ChangeConfiguration", ChangeConfiguration, ChangeConfigurationResponse, Sender.CSMS),
    Action("ClearCache", ClearCache, ClearCacheResponse, Sender.CSMS),
    Action("DataTransfer", DataTransfer, DataTransferResponse, Sender.BOTH),
    Action("GetConfiguration", GetConfiguration, GetConfigurationResponse, Sender.CSMS),
    Action("Heartbeat", Heartbeat, HeartbeatResponse, Sender.STATION),
    Action("MeterValues", MeterValues, MeterValuesResponse, Sender.STATION),
    Action("RemoteStartTransaction", RemoteStartTransaction, RemoteStartTransactionResponse, Sender.CSMS),
    Action("RemoteStopTransaction", RemoteStopTransaction, RemoteStopTransactionResponse, Sender.CSMS),
    Action("Reset", Reset, ResetResponse, Sender.CSMS),
    Action("StartTransaction", StartTransaction, StartTransactionResponse, Sender.STATION),
    Action("StatusNotification", StatusNotification, StatusNotificationResponse, Sender.STATION),
    Action("StopTransaction", StopTransaction, StopTransactionResponse, Sender.STATION),
    Action("UnlockConnector", UnlockConnector, UnlockConnectorResponse, Sender.CSMS),
)
