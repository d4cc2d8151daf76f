"""Local Auth List Management profile: what we ask, and what the answers mean (OCPP 1.6 §5.10, §5.15)."""

from typing import Any, Final

from msgspec import UNSET, Struct

from csms.domain.local_lists import live as local_lists
from csms.gateway.dialects.v16.words import moment
from csms.gateway.turn import Learner, LiveStation, Phrase, Turn
from csms.ocpp import v16

_ANSWER: Final = {
    "Accepted": "accepted",
    "Failed": "failed",
    "NotSupported": "not_supported",
    "VersionMismatch": "version_mismatch",
}


def _send(_live: LiveStation, payload: dict[str, Any]) -> Struct:
    entries = [_entry(entry) for entry in payload["entries"]]
    return v16.SendLocalList(
        list_version=payload["version"],
        update_type="Full" if payload["full"] else "Differential",
        local_authorization_list=entries or UNSET,
    )


def _entry(entry: dict[str, Any]) -> v16.AuthorizationData:
    if entry.get("remove"):
        return v16.AuthorizationData(id_tag=entry["uid"])
    expires_at = entry.get("expires_at")
    info = v16.IdTagInfo(
        status="Accepted",
        expiry_date=UNSET if expires_at is None else moment(expires_at),
        parent_id_tag=entry.get("group_id") or UNSET,
    )
    return v16.AuthorizationData(id_tag=entry["uid"], id_tag_info=info)


def _ask_version(_live: LiveStation, _payload: dict[str, Any]) -> Struct:
    return v16.GetLocalListVersion()


def _sent(live: LiveStation, _request: Struct, response: v16.SendLocalListResponse, turn: Turn) -> None:
    local_lists.sent(live.station.id, turn.command_id, _ANSWER[response.status], turn.now, turn.changes)


def _version(live: LiveStation, _request: Struct, response: v16.GetLocalListVersionResponse, turn: Turn) -> None:
    version = max(-(2**31), min(response.list_version, 2**31 - 1))
    local_lists.version_reported(live.station.id, turn.command_id, version, turn.now, turn.changes)


VERBS: Final[dict[str, Phrase]] = {"send-local-list": _send, "get-local-list-version": _ask_version}
LEARNERS: Final[dict[type[Struct], Learner]] = {v16.SendLocalList: _sent, v16.GetLocalListVersion: _version}
