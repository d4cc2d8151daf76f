"""Local Auth List Management (OCPP 1.6 §3.5.2, §5.10, §5.15)."""

from typing import Literal

from msgspec import UNSET, UnsetType

from csms.ocpp.protocol import Action, Sender
from csms.ocpp.v16.types import IdTagInfo, Message, String20


class AuthorizationData(Message, frozen=True, kw_only=True):
    """One entry; without `id_tag_info` a differential update removes it (§7.1)."""

    id_tag: String20
    id_tag_info: IdTagInfo | UnsetType = UNSET


class GetLocalListVersion(Message, frozen=True, kw_only=True):
    pass


class GetLocalListVersionResponse(Message, frozen=True, kw_only=True):
    """§6.28; 0 means an empty list, -1 that the station supports none."""

    list_version: int


class SendLocalList(Message, frozen=True, kw_only=True):
    list_version: int
    update_type: Literal["Differential", "Full"]
    local_authorization_list: list[AuthorizationData] | UnsetType = UNSET


class SendLocalListResponse(Message, frozen=True, kw_only=True):
    status: Literal["Accepted", "Failed", "NotSupported", "VersionMismatch"]


ACTIONS = (
    Action("GetLocalListVersion", GetLocalListVersion, GetLocalListVersionResponse, Sender.CSMS),
    Action("SendLocalList", SendLocalList, SendLocalListResponse, Sender.CSMS),
)
