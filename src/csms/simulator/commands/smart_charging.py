"""Smart Charging (OCPP 1.6 §5.5, §5.7, §5.16)."""

from datetime import datetime, timedelta

from msgspec import UNSET

from csms.ocpp import v16
from csms.ocpp.errors import ErrorCode, OcppError
from csms.simulator.connector import Connector
from csms.simulator.profiles import composite
from csms.simulator.station import Station

_LONGEST_SCHEDULE_S = 7 * 86_400


def set_charging_profile(station: Station, request: v16.SetChargingProfile) -> v16.SetChargingProfileResponse:
    """§5.16; an impossible connector is a CALLERROR (errata 3.39)."""
    if not 0 <= request.connector_id <= len(station.connectors):
        raise OcppError(ErrorCode.PROPERTY_CONSTRAINT_VIOLATION, f"connectorId: there is no {request.connector_id}")
    profile = request.cs_charging_profiles
    if not _well_formed(station, profile):
        return v16.SetChargingProfileResponse(status="Rejected")
    number = None
    match profile.charging_profile_purpose:
        case "ChargePointMaxProfile" if request.connector_id != 0:
            return v16.SetChargingProfileResponse(status="Rejected")
        case "TxProfile":
            number = _transaction_number(station, request.connector_id, profile)
            if number is None:
                return v16.SetChargingProfileResponse(status="Rejected")
    most = station.configuration.number("MaxChargingProfilesInstalled")
    if not station.profiles.install(request.connector_id, profile, number, most=most):
        return v16.SetChargingProfileResponse(status="Rejected")
    station.soon(station.share_power)
    return v16.SetChargingProfileResponse(status="Accepted")


def _well_formed(station: Station, profile: v16.ChargingProfile) -> bool:
    schedule = profile.charging_schedule
    periods = schedule.charging_schedule_period
    recurring = profile.charging_profile_kind == "Recurring"
    return (
        0 <= profile.stack_level <= station.configuration.number("ChargeProfileMaxStackLevel")
        and 0 < len(periods) <= station.configuration.number("ChargingScheduleMaxPeriods")
        and periods[0].start_period == 0
        and not (recurring and (profile.recurrency_kind is UNSET or schedule.start_schedule is UNSET))
    )


def _transaction_number(station: Station, connector_id: int, profile: v16.ChargingProfile) -> int | None:
    """The station's number of the running transaction the profile is for; None when there is none (§3.13.1)."""
    transaction = station.connector(connector_id).transaction if connector_id else None
    if transaction is None or profile.transaction_id not in (UNSET, transaction.record.transaction_id):
        return None
    return transaction.record.number


def clear_charging_profile(station: Station, request: v16.ClearChargingProfile) -> v16.ClearChargingProfileResponse:
    if not station.profiles.clear(request):
        return v16.ClearChargingProfileResponse(status="Unknown")
    station.soon(station.share_power)
    return v16.ClearChargingProfileResponse(status="Accepted")


def get_composite_schedule(station: Station, request: v16.GetCompositeSchedule) -> v16.GetCompositeScheduleResponse:
    """§5.7; connector 0 is what the whole station expects to draw."""
    if not 0 <= request.connector_id <= len(station.connectors) or not 0 < request.duration <= _LONGEST_SCHEDULE_S:
        return v16.GetCompositeScheduleResponse(status="Rejected")
    start = station.now()
    connector = station.connector(request.connector_id) if request.connector_id else None
    transaction = None if connector is None else connector.transaction
    since = start if transaction is None else transaction.record.started_at
    moments = station.profiles.changes_between(start, start + timedelta(seconds=request.duration), since)
    spec = station.connectors[0].spec if connector is None else connector.spec
    schedule = composite(
        [(at, _limit_w(station, connector, at, since)) for at in moments],
        start,
        request.duration,
        "W" if request.charging_rate_unit is UNSET else request.charging_rate_unit,
        spec.phases if spec.kind == "AC" else 3,
    )
    return v16.GetCompositeScheduleResponse(
        status="Accepted", connector_id=request.connector_id, schedule_start=start, charging_schedule=schedule
    )


def _limit_w(station: Station, connector: Connector | None, at: datetime, since: datetime) -> float:
    if connector is None:
        return station.profiles.station_limit_w([other.spec for other in station.connectors], at)
    return station.profiles.limit_w(
        connector.connector_id,
        connector.spec,
        at,
        charging_since=since,
        transaction_number=None if connector.transaction is None else connector.transaction.record.number,
    )
