"""Payload bytes to typed messages and back, and the decoder's refusals in the words of OCPP-J."""

import re
from decimal import Decimal
from typing import Any, Final, Protocol, TypeVar

import msgspec

from csms.ocpp.errors import ErrorCode, OcppError

M = TypeVar("M")


class WireValue(Protocol):
    """A field type JSON does not have; `from_wire` raises ValueError for a JSON value that is none of its own."""

    @classmethod
    def from_wire(cls, value: Any) -> Any: ...

    def to_wire(self) -> Any: ...


def _from_wire(kind: type[WireValue], value: Any) -> Any:
    return kind.from_wire(value)


def _to_wire(value: Any) -> Any:
    if not hasattr(value, "to_wire"):
        raise TypeError(f"{type(value).__name__} has no form on the wire")
    return value.to_wire()


def _exact_number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except ArithmeticError as error:
        raise ValueError("Number out of range") from error


ENCODER: Final = msgspec.json.Encoder(enc_hook=_to_wire, decimal_format="number")
ENCODE_FAILURES: Final = (TypeError, ValueError)

DECODE_FAILURES: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def decoder(kind: type[M]) -> msgspec.json.Decoder[M]:
    """A decoder that raises one of DECODE_FAILURES for anything but a JSON text of this type."""
    return msgspec.json.Decoder(kind, dec_hook=_from_wire, float_hook=_exact_number)


# msgspec's messages are the only place where it says what is wrong; tests/ocpp/test_codec.py pins every one of them.
_REFUSALS: Final = tuple(
    (re.compile(pattern, re.DOTALL), code, wording)
    for pattern, code, wording in (
        (r"Object missing required field `(.*)`", ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION, "{0} is missing"),
        (r"Object contains unknown field `(.*)`", ErrorCode.FORMATION_VIOLATION, "{0} is not a known field"),
        (r"Expected `array` of length >= (\d+)", ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION, "fewer than {0} elements"),
        (r"Expected `array` of at least length .*", ErrorCode.FORMATION_VIOLATION, "elements are missing"),
        (r"Expected `array` of at most length .*", ErrorCode.FORMATION_VIOLATION, "too many elements"),
        (r"Expected `str` of length <= (\d+)", ErrorCode.PROPERTY_CONSTRAINT_VIOLATION, "longer than {0} characters"),
        (r"Expected `str` of length >= 1", ErrorCode.PROPERTY_CONSTRAINT_VIOLATION, "empty"),
        (r"Expected `str` matching regex .*", ErrorCode.PROPERTY_CONSTRAINT_VIOLATION, "not well-formed"),
        (r"Expected `datetime` with a timezone component", ErrorCode.PROPERTY_CONSTRAINT_VIOLATION, "no time zone"),
        (r"Invalid RFC3339 encoded datetime", ErrorCode.PROPERTY_CONSTRAINT_VIOLATION, "not an RFC 3339 date-time"),
        (r"Invalid (?:enum )?value (.*)", ErrorCode.PROPERTY_CONSTRAINT_VIOLATION, "{0} is not one of its values"),
        (r"(?:Integer value|Number) out of range", ErrorCode.PROPERTY_CONSTRAINT_VIOLATION, "number out of range"),
        (r"Expected `datetime`, got `(.*)`", ErrorCode.TYPE_CONSTRAINT_VIOLATION, "expected str, got {0}"),
        (r"Expected `(.*)`, got `(.*)`", ErrorCode.TYPE_CONSTRAINT_VIOLATION, "expected {0}, got {1}"),
        (r"Expected `(.*)`", ErrorCode.TYPE_CONSTRAINT_VIOLATION, "expected {0}"),
    )
)


def refusal(failure: Exception, root: str) -> OcppError:
    """What one of DECODE_FAILURES means to the peer; the description leads to the field by its names on the wire.

    `root` names the decoded thing ("payload", "frame") where the failure concerns all of it.
    """
    if not isinstance(failure, msgspec.ValidationError):
        reason = "nested too deeply" if isinstance(failure, RecursionError) else str(failure)
        return OcppError(ErrorCode.FORMATION_VIOLATION, f"{root}: {reason}")
    message, _, path = str(failure).rpartition(" - at `$")
    if not message:
        message, path = path, ""
    path = path.removesuffix("`")
    where = path[1:] if path.startswith(".") else root + path
    for pattern, code, wording in _REFUSALS:
        if match := pattern.fullmatch(message):
            # a payload that is no object, a frame that is no array: no field is to blame
            of_all = code is ErrorCode.TYPE_CONSTRAINT_VIOLATION and not path
            said = wording.format(*match.groups())
            return OcppError(ErrorCode.FORMATION_VIOLATION if of_all else code, f"{where}: {said}")
    return OcppError(ErrorCode.PROPERTY_CONSTRAINT_VIOLATION, f"{where}: {message}")
