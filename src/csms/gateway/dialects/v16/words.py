"""OCPP 1.6's words and ours."""

import re
from datetime import UTC, datetime
from typing import Final, Literal, TypeVar

from msgspec import UNSET, UnsetType

from csms.domain.authorization.rules import ACCEPTED, BLOCKED, CONCURRENT, EXPIRED, INVALID, Authorization
from csms.ocpp.v16 import IdTagInfo

T = TypeVar("T")

_CAPITAL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")

STATUS: Final = {
    "Available": "available",
    "Preparing": "preparing",
    "Charging": "charging",
    "SuspendedEVSE": "suspended_evse",
    "SuspendedEV": "suspended_ev",
    "Finishing": "finishing",
    "Reserved": "reserved",
    "Unavailable": "unavailable",
    "Faulted": "faulted",
}

STOP_REASON: Final = {
    "EmergencyStop": "emergency_stop",
    "EVDisconnected": "ev_disconnected",
    "HardReset": "hard_reset",
    "Local": "local",
    "Other": "other",
    "PowerLoss": "power_loss",
    "Reboot": "reboot",
    "Remote": "remote",
    "SoftReset": "soft_reset",
    "UnlockCommand": "unlock_command",
    "DeAuthorized": "de_authorized",
}

ID_TAG_STATUS: Final[dict[str, Literal["Accepted", "Blocked", "Expired", "Invalid", "ConcurrentTx"]]] = {
    ACCEPTED: "Accepted",
    INVALID: "Invalid",
    BLOCKED: "Blocked",
    EXPIRED: "Expired",
    CONCURRENT: "ConcurrentTx",
}


def given(value: T | UnsetType) -> T | None:
    """An optional field's value, None when the station left it out."""
    return None if isinstance(value, UnsetType) else value


_EARLIEST: Final = datetime(1, 1, 2, tzinfo=UTC)
_LATEST: Final = datetime(9999, 12, 30, tzinfo=UTC)


def bounded(at: datetime) -> datetime:
    """A station's time, within what every calendar can turn into any zone; its bytes stay in the stored frame."""
    return min(max(at, _EARLIEST), _LATEST)


def snake(word: str) -> str:
    """One of the wire's words as ours are spelled: AcceptedCanceled, accepted_canceled."""
    return _CAPITAL.sub("_", word).lower()


def moment(text: str) -> datetime:
    """A time of a stored payload as the wire has it: UTC, whole seconds, which every station can read."""
    return datetime.fromisoformat(text).astimezone(UTC).replace(microsecond=0)


def evse_of(connector_id: int) -> tuple[int, int]:
    """Our (evse, connector) for OCPP 1.6's connectorId: each connector is an evse of its own, 0 the whole station."""
    return (connector_id, 1) if connector_id > 0 else (0, 0)


def connector_id_of(evse: int) -> int:
    return evse


def id_tag_info(decision: Authorization) -> IdTagInfo:
    """A decision as the station is told of it (§7.27); expiry and group only help a station that may accept it."""
    return IdTagInfo(
        status=ID_TAG_STATUS[decision.status],
        expiry_date=UNSET if decision.expires_at is None else decision.expires_at.replace(microsecond=0),
        parent_id_tag=UNSET if decision.group_id is None else decision.group_id,
    )
