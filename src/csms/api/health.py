"""For load balancers and supervisors: is the process alive, can it serve?"""

from fastapi import APIRouter

from csms.api.context import OpenContext
from csms.api.problems import PROBLEM
from csms.api.schemas import OPEN, Out
from csms.kit.errors import Unavailable

health = APIRouter(prefix="/health", tags=["Health"], responses={"default": PROBLEM})


class NotReady(Unavailable):
    """The system cannot serve at the moment."""

    code = "not_ready"


class Health(Out):
    status: str


@health.get("/live", openapi_extra=OPEN)
async def live() -> Health:
    return Health(status="live")


@health.get("/ready", openapi_extra=OPEN)
async def ready(context: OpenContext) -> Health:
    reason = context.settings.ready()
    if reason is not None:
        raise NotReady(f"The system cannot serve at the moment: {reason}.")
    return Health(status="ready")
