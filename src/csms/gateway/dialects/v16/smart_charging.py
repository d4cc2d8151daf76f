"""Smart Charging profile: charging profiles in its words and ours, and what the answers mean (OCPP 1.6 §5.5, §5.7, §5.16)."""

from decimal import Decimal
from typing import Any, Final, Literal

import msgspec
from msgspec import UNSET, Struct

from csms.domain.commands.profiles import Period, Profile, Purpose
from csms.domain.smart_charging import live as smart_charging
from csms.domain.smart_charging.rules import Interval
from csms.gateway.dialects.v16.words import connector_id_of, evse_of, given
from csms.gateway.turn import Learner, LiveStation, Phrase, Turn
from csms.ocpp import v16

_PURPOSE: Final[dict[str, v16.ChargingProfilePurpose]] = {
    "station_max": "ChargePointMaxProfile",
    "session_default": "TxDefaultProfile",
    "session": "TxProfile",
}
_OUR_PURPOSE: Final[dict[str, Purpose]] = {
    "ChargePointMaxProfile": "station_max",
    "TxDefaultProfile": "session_default",
    "TxProfile": "session",
}
_KIND: Final[dict[str, Literal["Absolute", "Recurring", "Relative"]]] = {
    "absolute": "Absolute",
    "recurring": "Recurring",
    "relative": "Relative",
}
_RECURRENCE: Final[dict[str, Literal["Daily", "Weekly"]]] = {"daily": "Daily", "weekly": "Weekly"}


def _rate(value: float) -> v16.ChargingRate:
    return v16.ChargingRate(Decimal(f"{value:.1f}"))


def wire_profile(stored: dict[str, Any], transaction_id: int | None = None) -> v16.ChargingProfile:
    """A stored profile as the wire has it; the transaction id is left out where there is none (errata 3.41)."""
    profile = msgspec.convert(stored, Profile)
    return v16.ChargingProfile(
        charging_profile_id=profile.number or 0,
        transaction_id=UNSET if transaction_id is None else transaction_id,
        stack_level=profile.stack_level,
        charging_profile_purpose=_PURPOSE[profile.purpose],
        charging_profile_kind=_KIND[profile.kind],
        recurrency_kind=UNSET if profile.recurrence is None else _RECURRENCE[profile.recurrence],
        valid_from=profile.valid_from or UNSET,
        valid_to=profile.valid_to or UNSET,
        charging_schedule=v16.ChargingSchedule(
            charging_rate_unit=profile.unit,
            charging_schedule_period=[
                v16.ChargingSchedulePeriod(
                    start_period=period.start_s, limit=_rate(period.limit), number_phases=period.phases or UNSET
                )
                for period in profile.periods
            ],
            duration=profile.duration_s or UNSET,
            start_schedule=profile.start_at or UNSET,
            min_charging_rate=UNSET if profile.min_rate is None else _rate(profile.min_rate),
        ),
    )


def our_profile(profile: v16.ChargingProfile) -> Profile:
    schedule = profile.charging_schedule
    least, recurrence = given(schedule.min_charging_rate), given(profile.recurrency_kind)
    return Profile(
        purpose=_OUR_PURPOSE[profile.charging_profile_purpose],
        kind={"Absolute": "absolute", "Recurring": "recurring", "Relative": "relative"}[profile.charging_profile_kind],  # type: ignore[arg-type]
        stack_level=profile.stack_level,
        unit=schedule.charging_rate_unit,
        periods=[
            Period(period.start_period, float(period.limit), given(period.number_phases))
            for period in schedule.charging_schedule_period
        ],
        recurrence=None if recurrence is None else ("daily" if recurrence == "Daily" else "weekly"),
        start_at=given(schedule.start_schedule),
        duration_s=given(schedule.duration),
        min_rate=None if least is None else float(least),
        valid_from=given(profile.valid_from),
        valid_to=given(profile.valid_to),
        number=profile.charging_profile_id,
    )


def _set(_live: LiveStation, payload: dict[str, Any]) -> Struct:
    return v16.SetChargingProfile(
        connector_id=connector_id_of(payload["evse"]),
        cs_charging_profiles=wire_profile(payload["profile"], payload.get("transaction_id")),
    )


def _clear(_live: LiveStation, payload: dict[str, Any]) -> Struct:
    purpose = payload.get("purpose")
    return v16.ClearChargingProfile(
        id=payload.get("number", UNSET),
        connector_id=payload.get("evse", UNSET),
        charging_profile_purpose=UNSET if purpose is None else _PURPOSE[purpose],
        stack_level=payload.get("stack_level", UNSET),
    )


def _ask_composite(_live: LiveStation, payload: dict[str, Any]) -> Struct:
    return v16.GetCompositeSchedule(
        connector_id=connector_id_of(payload["evse"]),
        duration=payload["duration_s"],
        charging_rate_unit=payload.get("unit") or UNSET,
    )


def _profile_set(
    live: LiveStation, request: v16.SetChargingProfile, response: v16.SetChargingProfileResponse, turn: Turn
) -> None:
    if response.status == "Accepted":
        evse, _ = evse_of(request.connector_id)
        profile = request.cs_charging_profiles
        transaction_id = given(profile.transaction_id)
        smart_charging.installed(live.station.id, evse, our_profile(profile), transaction_id, turn.now, turn.changes)


def _profile_came_with_start(
    live: LiveStation,
    request: v16.RemoteStartTransaction,
    response: v16.RemoteStartTransactionResponse,
    turn: Turn,
) -> None:
    profile, connector_id = given(request.charging_profile), given(request.connector_id)
    if response.status == "Accepted" and profile is not None and connector_id is not None:
        smart_charging.installed(
            live.station.id, evse_of(connector_id)[0], our_profile(profile), None, turn.now, turn.changes
        )


def _cleared(
    live: LiveStation, request: v16.ClearChargingProfile, _response: v16.ClearChargingProfileResponse, turn: Turn
) -> None:
    """Unknown says that nothing matches: then nothing is there, whatever we believed (§5.5)."""
    purpose = given(request.charging_profile_purpose)
    smart_charging.removed(
        live.station.id,
        given(request.id),
        given(request.connector_id),
        None if purpose is None else _OUR_PURPOSE[purpose],
        given(request.stack_level),
        turn.now,
        turn.changes,
    )


def _composite(
    live: LiveStation, request: v16.GetCompositeSchedule, response: v16.GetCompositeScheduleResponse, turn: Turn
) -> None:
    schedule = given(response.charging_schedule)
    periods = None
    if response.status == "Accepted":
        said = [] if schedule is None else schedule.charging_schedule_period
        periods = [Interval(period.start_period, float(period.limit)) for period in said]
    smart_charging.schedule_reported(
        live.station.id,
        evse_of(request.connector_id)[0],
        turn.command_id,
        given(response.schedule_start) or (None if schedule is None else given(schedule.start_schedule)),
        request.duration,
        None if schedule is None else schedule.charging_rate_unit,
        periods,
        turn.now,
        turn.changes,
    )


VERBS: Final[dict[str, Phrase]] = {
    "set-charging-profile": _set,
    "clear-charging-profile": _clear,
    "get-composite-schedule": _ask_composite,
}
LEARNERS: Final[dict[type[Struct], Learner]] = {
    v16.SetChargingProfile: _profile_set,
    v16.RemoteStartTransaction: _profile_came_with_start,
    v16.ClearChargingProfile: _cleared,
    v16.GetCompositeSchedule: _composite,
}
