"""Commands in OCPP 1.6: our verbs as its calls, and what its answers mean."""

from typing import Any, Final

import msgspec
from msgspec import UNSET, Struct

from csms.domain.configuration import live as configuration
from csms.domain.stations.changes import ConfigurationReported
from csms.gateway.dialects.v16 import certificates, files, hardening, local_list, reservation, smart_charging
from csms.gateway.dialects.v16.words import given
from csms.gateway.turn import Instruction, Learner, LiveStation, Phrase, Turn
from csms.kit.errors import Invalid
from csms.ocpp import v16

RAW: Final = "ocpp"

_TRIGGERS: Final = {
    "boot": "BootNotification",
    "heartbeat": "Heartbeat",
    "status": "StatusNotification",
    "meter-values": "MeterValues",
    "diagnostics-status": "DiagnosticsStatusNotification",
    "firmware-status": "FirmwareStatusNotification",
}
_EXTENDED_TRIGGERS: Final = {
    "boot": "BootNotification",
    "heartbeat": "Heartbeat",
    "status": "StatusNotification",
    "meter-values": "MeterValues",
    "firmware-status": "FirmwareStatusNotification",
    "log-status": "LogStatusNotification",
    "sign-certificate": "SignChargePointCertificate",
}
_CHANGED: Final = {
    "Accepted": "accepted",
    "Rejected": "rejected",
    "RebootRequired": "reboot_required",
    "NotSupported": "not_supported",
}
_REFUSALS: Final = frozenset({"Rejected", "NotSupported", "NotImplemented", "UnlockFailed", "Failed", "VersionMismatch",
                              "Faulted", "Occupied", "Unavailable", "Unknown", "UnknownMessageId",
                              "UnknownVendorId", "NotFound"})  # fmt: skip


class UnknownVerb(Invalid):
    """This command does not exist in OCPP 1.6."""

    code = "unknown_verb"


def _start(_live: LiveStation, payload: dict[str, Any]) -> Struct:
    profile = payload.get("charging_profile")
    return v16.RemoteStartTransaction(
        id_tag=payload["id_token"],
        connector_id=payload.get("evse") or UNSET,
        charging_profile=UNSET if profile is None else smart_charging.wire_profile(profile),
    )


def _stop(live: LiveStation, payload: dict[str, Any]) -> Struct:
    transaction_id = payload.get("transaction_id")
    if transaction_id is None:
        wanted = str(payload["session"])
        transaction_id = next((s.id for s in live.sessions.active.values() if str(s.uid) == wanted), None)
    if transaction_id is None:
        raise Invalid("This session is not running on this station.")
    return v16.RemoteStopTransaction(transaction_id=transaction_id)


def _reset(_live: LiveStation, payload: dict[str, Any]) -> Struct:
    return v16.Reset(type="Hard" if payload["kind"] == "hard" else "Soft")


def _unlock(_live: LiveStation, payload: dict[str, Any]) -> Struct:
    return v16.UnlockConnector(connector_id=payload["evse"])


def _change_availability(_live: LiveStation, payload: dict[str, Any]) -> Struct:
    return v16.ChangeAvailability(
        connector_id=payload["evse"], type="Operative" if payload["available"] else "Inoperative"
    )


def _trigger(live: LiveStation, payload: dict[str, Any]) -> Struct:
    """What only the security extension knows goes by ExtendedTriggerMessage, anything else as it is wished."""
    message = payload["message"]
    if message == "boot" and live.station.served:
        raise Invalid("This station is accepted; OCPP 1.6 lets nobody ask it for another boot (errata 3.40).")
    extended = payload.get("extended") or message not in _TRIGGERS
    wire = {"requestedMessage": (_EXTENDED_TRIGGERS if extended else _TRIGGERS)[message]}
    if payload.get("evse"):
        wire["connectorId"] = payload["evse"]
    return msgspec.convert(wire, v16.ExtendedTriggerMessage if extended else v16.TriggerMessage)


def _get_configuration(_live: LiveStation, payload: dict[str, Any]) -> Struct:
    return v16.GetConfiguration(key=payload.get("keys") or UNSET)


def _change_configuration(_live: LiveStation, payload: dict[str, Any]) -> Struct:
    return v16.ChangeConfiguration(key=payload["key"], value=payload["value"])


def _clear_cache(_live: LiveStation, _payload: dict[str, Any]) -> Struct:
    return v16.ClearCache()


def _data_transfer(_live: LiveStation, payload: dict[str, Any]) -> Struct:
    message_id, data = payload.get("message_id"), payload.get("data")
    return v16.DataTransfer(
        vendor_id=payload["vendor_id"],
        message_id=UNSET if message_id is None else message_id,
        data=UNSET if data is None else data,
    )


VERBS: Final[dict[str, Phrase]] = {
    "start": _start,
    "stop": _stop,
    "reset": _reset,
    "unlock": _unlock,
    "change-availability": _change_availability,
    "trigger": _trigger,
    "get-configuration": _get_configuration,
    "change-configuration": _change_configuration,
    "clear-cache": _clear_cache,
    "data-transfer": _data_transfer,
    **reservation.VERBS,
    **local_list.VERBS,
    **smart_charging.VERBS,
    **files.VERBS,
    **certificates.VERBS,
    **hardening.VERBS,
}


def instruct(live: LiveStation, verb: str, action: str, payload: dict[str, Any]) -> Instruction:
    """A command as a call; raises Invalid for a verb or action OCPP 1.6 has not, OcppError for a payload it refuses."""
    if verb == RAW:
        known = v16.PROTOCOL.actions.get(action)
        if known is None:
            raise UnknownVerb(action=action)
        return Instruction(known, known.decode_request(msgspec.json.encode(payload)))
    make = VERBS.get(verb)
    if make is None:
        raise UnknownVerb(verb=verb)
    request = make(live, payload)
    return Instruction(v16.PROTOCOL.action_of(type(request)), request)


def outcome(response: Struct) -> str:
    """Accepted, or rejected when the station's own status says no; an answer without status is an acceptance."""
    return "rejected" if getattr(response, "status", None) in _REFUSALS else "accepted"


def _configuration_read(
    live: LiveStation, _request: Struct, response: v16.GetConfigurationResponse, turn: Turn
) -> None:
    station_id = live.station.id
    for entry in given(hardening.discreet(response).configuration_key) or ():
        turn.changes.append(
            ConfigurationReported(station_id, entry.key, given(entry.value), entry.readonly, True, turn.now)
        )
    for key in given(response.unknown_key) or ():
        turn.changes.append(ConfigurationReported(station_id, key, None, False, False, turn.now))


def _configuration_changed(
    live: LiveStation, request: v16.ChangeConfiguration, response: v16.ChangeConfigurationResponse, turn: Turn
) -> None:
    answer = _CHANGED[response.status]
    hardening.changed(live, request, response.status == "Accepted", turn)
    value = hardening.discreet(request).value
    configuration.changed(live.station.id, turn.command_id, request.key, value, answer, turn.now, turn.changes)


LEARNERS: Final[dict[type[Struct], Learner]] = {
    v16.GetConfiguration: _configuration_read,
    v16.ChangeConfiguration: _configuration_changed,
    **reservation.LEARNERS,
    **local_list.LEARNERS,
    **smart_charging.LEARNERS,
    **files.LEARNERS,
    **certificates.LEARNERS,
}


def learn(live: LiveStation, request: Struct, response: Struct, turn: Turn) -> None:
    """What a station's answer to a call of ours changes."""
    learner = LEARNERS.get(type(request))
    if learner is not None:
        learner(live, request, response, turn)
