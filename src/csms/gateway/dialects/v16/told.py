"""What a stored answer of ours tells of the decision behind it."""

from typing import Final

from msgspec import UNSET, Raw

from csms.gateway.dialects.v16.words import ID_TAG_STATUS, given
from csms.gateway.turn import Told
from csms.ocpp import v16
from csms.ocpp.protocol import AnyAction

_AUTHORIZATION: Final = {word: status for status, word in ID_TAG_STATUS.items()}


def told(action: AnyAction, payload: Raw) -> Told:
    response = action.decode_response(payload)
    info = given(getattr(response, "id_tag_info", UNSET))
    transaction_id = response.transaction_id if isinstance(response, v16.StartTransactionResponse) else 0
    if info is None:
        return Told(transaction_id, None, None)
    return Told(transaction_id, _AUTHORIZATION[info.status], given(info.parent_id_tag))
