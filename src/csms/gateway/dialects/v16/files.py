"""Firmware management and logs: what we ask, and what the answers mean (OCPP 1.6 §5.9, §5.19; white paper §5.9, §5.21)."""

from datetime import datetime
from typing import Any, Final

from msgspec import UNSET, Struct, UnsetType

from csms.domain.firmware import live as jobs
from csms.gateway.dialects.v16.words import given, moment, snake
from csms.gateway.turn import Learner, LiveStation, Phrase, Turn
from csms.ocpp import v16


def _time(payload: dict[str, Any], name: str) -> datetime | UnsetType:
    text = payload.get(name)
    return UNSET if text is None else moment(text)


def _tries(payload: dict[str, Any]) -> dict[str, Any]:
    return {"retries": payload.get("retries", UNSET), "retry_interval": payload.get("retry_interval_s", UNSET)}


def _get_diagnostics(_live: LiveStation, payload: dict[str, Any]) -> Struct:
    return v16.GetDiagnostics(
        location=payload["location"],
        start_time=_time(payload, "since"),
        stop_time=_time(payload, "until"),
        **_tries(payload),
    )


def _get_log(_live: LiveStation, payload: dict[str, Any]) -> Struct:
    return v16.GetLog(
        log_type="SecurityLog" if payload["kind"] == "security" else "DiagnosticsLog",
        request_id=payload["number"],
        log=v16.LogParameters(
            remote_location=payload["location"],
            oldest_timestamp=_time(payload, "since"),
            latest_timestamp=_time(payload, "until"),
        ),
        **_tries(payload),
    )


def _update(_live: LiveStation, payload: dict[str, Any]) -> Struct:
    return v16.UpdateFirmware(
        location=payload["location"], retrieve_date=moment(payload["retrieve_at"]), **_tries(payload)
    )


def _signed_update(_live: LiveStation, payload: dict[str, Any]) -> Struct:
    firmware = v16.Firmware(
        location=payload["location"],
        retrieve_date_time=moment(payload["retrieve_at"]),
        signing_certificate=payload["signing_certificate"],
        signature=payload["signature"],
        install_date_time=_time(payload, "install_at"),
    )
    return v16.SignedUpdateFirmware(request_id=payload["number"], firmware=firmware, **_tries(payload))


def _diagnostics_answered(
    live: LiveStation, _request: Struct, response: v16.GetDiagnosticsResponse, turn: Turn
) -> None:
    """Without a file name there are no diagnostics to be had (§5.9)."""
    name = given(response.file_name)
    state = "accepted" if name else "nothing"
    jobs.answered(live.station.id, turn.command_id, state, state, name or None, turn.now, turn.changes)


def _log_answered(live: LiveStation, _request: Struct, response: v16.GetLogResponse, turn: Turn) -> None:
    state = "refused" if response.status == "Rejected" else "accepted"
    name, answer = given(response.filename), snake(response.status)
    jobs.answered(live.station.id, turn.command_id, state, answer, name, turn.now, turn.changes)


def _update_answered(live: LiveStation, request: v16.UpdateFirmware, _response: Struct, turn: Turn) -> None:
    name = request.location.rpartition("/")[2][:255]
    jobs.answered(live.station.id, turn.command_id, "accepted", "accepted", name, turn.now, turn.changes)


def _signed_update_answered(
    live: LiveStation, request: v16.SignedUpdateFirmware, response: v16.SignedUpdateFirmwareResponse, turn: Turn
) -> None:
    state = "accepted" if response.status in ("Accepted", "AcceptedCanceled") else "refused"
    name = request.firmware.location.rpartition("/")[2][:255]
    jobs.answered(live.station.id, turn.command_id, state, snake(response.status), name, turn.now, turn.changes)


VERBS: Final[dict[str, Phrase]] = {
    "get-diagnostics": _get_diagnostics,
    "get-log": _get_log,
    "update-firmware": _update,
    "signed-update-firmware": _signed_update,
}
LEARNERS: Final[dict[type[Struct], Learner]] = {
    v16.GetDiagnostics: _diagnostics_answered,
    v16.GetLog: _log_answered,
    v16.UpdateFirmware: _update_answered,
    v16.SignedUpdateFirmware: _signed_update_answered,
}
