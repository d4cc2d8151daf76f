"""Smart Charging: limits over time, given to a station or asked from it (OCPP 1.6 §3.13, §5.7, §5.16)."""

from typing import Literal

from msgspec import UNSET, UnsetType

from csms.ocpp.protocol import Action, Sender
from csms.ocpp.v16.types import (
    AcceptedRejected,
    ChargingProfilePurpose,
    ChargingRate,
    ChargingRateUnit,
    Message,
    Timestamp,
)


class ChargingSchedulePeriod(Message, frozen=True, kw_only=True):
    """From `start_period` seconds after the start of the schedule on: this limit, in the unit of the schedule (§7.14)."""

    start_period: int
    limit: ChargingRate
    number_phases: int | UnsetType = UNSET


class ChargingSchedule(Message, frozen=True, kw_only=True):
    """Limits one after another; `duration` in seconds (§7.13)."""

    charging_rate_unit: ChargingRateUnit
    charging_schedule_period: list[ChargingSchedulePeriod]
    duration: int | UnsetType = UNSET
    start_schedule: Timestamp | UnsetType = UNSET
    min_charging_rate: ChargingRate | UnsetType = UNSET


class ChargingProfile(Message, frozen=True, kw_only=True):
    """A schedule, what it is for, and when it applies (§7.8)."""

    charging_profile_id: int
    stack_level: int
    charging_profile_purpose: ChargingProfilePurpose
    charging_profile_kind: Literal["Absolute", "Recurring", "Relative"]
    charging_schedule: ChargingSchedule
    transaction_id: int | UnsetType = UNSET
    recurrency_kind: Literal["Daily", "Weekly"] | UnsetType = UNSET
    valid_from: Timestamp | UnsetType = UNSET
    valid_to: Timestamp | UnsetType = UNSET


class ClearChargingProfile(Message, frozen=True, kw_only=True):
    """§6.11; no field at all clears every profile."""

    id: int | UnsetType = UNSET
    connector_id: int | UnsetType = UNSET
    charging_profile_purpose: ChargingProfilePurpose | UnsetType = UNSET
    stack_level: int | UnsetType = UNSET


class ClearChargingProfileResponse(Message, frozen=True, kw_only=True):
    status: Literal["Accepted", "Unknown"]


class GetCompositeSchedule(Message, frozen=True, kw_only=True):
    """§6.21; `duration` in seconds."""

    connector_id: int
    duration: int
    charging_rate_unit: ChargingRateUnit | UnsetType = UNSET


class GetCompositeScheduleResponse(Message, frozen=True, kw_only=True):
    status: AcceptedRejected
    connector_id: int | UnsetType = UNSET
    schedule_start: Timestamp | UnsetType = UNSET
    charging_schedule: ChargingSchedule | UnsetType = UNSET


class SetChargingProfile(Message, frozen=True, kw_only=True):
    connector_id: int
    cs_charging_profiles: ChargingProfile


class SetChargingProfileResponse(Message, frozen=True, kw_only=True):
    status: Literal["Accepted", "Rejected", "NotSupported"]


ACTIONS = (
    Action("ClearChargingProfile", ClearChargingProfile, ClearChargingProfileResponse, Sender.CSMS),
    Action("GetCompositeSchedule", GetCompositeSchedule, GetCompositeScheduleResponse, Sender.CSMS),
    Action("SetChargingProfile", SetChargingProfile, SetChargingProfileResponse, Sender.CSMS),
)
