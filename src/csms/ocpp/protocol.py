"""What may be called on whom: the actions of one OCPP version and the checking of their payloads, both ways."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from msgspec import Raw, Struct
from msgspec.json import Decoder

from csms.ocpp.codec import DECODE_FAILURES, ENCODE_FAILURES, ENCODER, decoder, refusal
from csms.ocpp.errors import ErrorCode, OcppError

Request = TypeVar("Request", bound=Struct)
Response = TypeVar("Response", bound=Struct)


class Sender(Enum):
    """Which end of a connection may send the request of an action."""

    STATION = "station"
    CSMS = "csms"
    BOTH = "both"


@dataclass(frozen=True, slots=True, eq=False)
class Action(Generic[Request, Response]):
    """One remote procedure: its name on the wire, its two messages and who calls it.

    Decoding raises OcppError with the code of OCPP-J §4.2.3. Encoding decodes what it made before it lets it go: what
    leaves is valid, always; it raises OcppError too.
    """

    name: str
    request: type[Request]
    response: type[Response]
    sender: Sender
    _request_decoder: Decoder[Request] = field(init=False, repr=False)
    _response_decoder: Decoder[Response] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_request_decoder", decoder(self.request))
        object.__setattr__(self, "_response_decoder", decoder(self.response))

    def decode_request(self, payload: Raw | bytes) -> Request:
        try:
            return self._request_decoder.decode(payload)
        except DECODE_FAILURES as failure:
            raise refusal(failure, "payload") from None

    def decode_response(self, payload: Raw | bytes) -> Response:
        try:
            return self._response_decoder.decode(payload)
        except DECODE_FAILURES as failure:
            raise refusal(failure, "payload") from None

    def encode_request(self, request: Request) -> bytes:
        payload = _encode(request)
        self.decode_request(payload)
        return payload

    def encode_response(self, response: Response) -> bytes:
        payload = _encode(response)
        self.decode_response(payload)
        return payload


def _encode(message: Struct) -> bytes:
    try:
        return ENCODER.encode(message)
    except ENCODE_FAILURES as failure:
        raise OcppError(ErrorCode.PROPERTY_CONSTRAINT_VIOLATION, f"payload: {failure}") from None


AnyAction = Action[Any, Any]


class Protocol:
    """One OCPP version: its WebSocket subprotocol name and its actions by their names on the wire."""

    __slots__ = ("_by_request", "_received", "actions", "name")

    def __init__(self, name: str, actions: tuple[AnyAction, ...]) -> None:
        self.name = name
        self.actions: Mapping[str, AnyAction] = MappingProxyType({action.name: action for action in actions})
        self._by_request = {action.request: action for action in actions}
        self._received = {
            side: {action.name: action for action in actions if action.sender is not side} for side in Sender
        }

    def action_of(self, request: type[Request]) -> Action[Request, Any]:
        """The action that has this request type; KeyError for a type of another version."""
        return self._by_request[request]

    def received_by(self, side: Sender) -> Mapping[str, AnyAction]:
        """The actions that may be called on this side, by name."""
        return self._received[side]
