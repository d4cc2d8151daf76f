"""Our problems as CALLERROR codes."""

from csms.kit.errors import Forbidden, Invalid, NotFound, Problem
from csms.ocpp.errors import ErrorCode, OcppError


def fault(error: Exception) -> tuple[str, str]:
    """The error code and description a station is told."""
    if isinstance(error, OcppError):
        return error.code, error.description
    if isinstance(error, Forbidden):
        return ErrorCode.SECURITY_ERROR, error.detail
    if isinstance(error, Invalid | NotFound):
        return ErrorCode.PROPERTY_CONSTRAINT_VIOLATION, error.detail
    if isinstance(error, Problem):
        return ErrorCode.GENERIC_ERROR, error.detail
    return ErrorCode.INTERNAL_ERROR, "something went wrong here; the frame is kept"
