"""What goes wrong with a call, in the words of OCPP-J 1.6 §4.2.3 table 7."""

from typing import Any, Final

DESCRIPTION_LIMIT: Final = 255


class ErrorCode:
    """The error codes as OCPP-J 1.6 spells them on the wire; two of them wrongly, for good (OCPP-J errata 5.1, 5.2)."""

    NOT_IMPLEMENTED: Final = "NotImplemented"
    NOT_SUPPORTED: Final = "NotSupported"
    INTERNAL_ERROR: Final = "InternalError"
    PROTOCOL_ERROR: Final = "ProtocolError"
    SECURITY_ERROR: Final = "SecurityError"
    FORMATION_VIOLATION: Final = "FormationViolation"
    PROPERTY_CONSTRAINT_VIOLATION: Final = "PropertyConstraintViolation"
    OCCURRENCE_CONSTRAINT_VIOLATION: Final = "OccurenceConstraintViolation"
    TYPE_CONSTRAINT_VIOLATION: Final = "TypeConstraintViolation"
    GENERIC_ERROR: Final = "GenericError"


_OTHER_SPELLINGS: Final = {
    "FormatViolation": ErrorCode.FORMATION_VIOLATION,
    "OccurrenceConstraintViolation": ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION,
}


def normalised_code(code: str) -> str:
    """The 1.6 spelling of a received error code; a code that no specification knows stays as it came."""
    return _OTHER_SPELLINGS.get(code, code)


class OcppError(Exception):
    """A call or an answer that cannot be accepted: what a CALLERROR says, `description` cut to 255 characters."""

    def __init__(self, code: str, description: str = "", details: dict[str, Any] | None = None) -> None:
        self.code = code
        self.description = description[:DESCRIPTION_LIMIT]
        self.details = details if details is not None else {}
        super().__init__(f"{code}: {self.description}")
