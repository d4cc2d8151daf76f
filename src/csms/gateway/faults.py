"""Our problems as CALLERROR codes, and what a log line says of the frame they are about."""

from csms.gateway.turn import LiveStation
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


def about(live: LiveStation, action: str | None, message_id: str | None) -> dict[str, str | None]:
    """Which frame it is; a command's id is the message id of its call."""
    return {"station": live.station.identity, "action": action, "message_id": message_id}
