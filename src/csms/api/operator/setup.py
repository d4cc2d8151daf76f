"""Setting the system up: the first administrator, through the link printed at first start."""

from typing import Annotated

from fastapi import Response
from pydantic import Field, StringConstraints
from starlette.requests import Request

from csms.api.context import OpenContext
from csms.api.operator.sign_in import Me, me_of
from csms.api.routing import router
from csms.api.schemas import OPEN, Body, Name, Out, Password
from csms.api.security import browser_of, refuse_foreign_origin, set_cookie
from csms.domain.accounts import service as accounts

setup = router("/setup", "Set-up")


class SetupState(Out):
    needed: bool = Field(description="there is no user yet")


class Setup(Body):
    token: Annotated[str, StringConstraints(max_length=200)]
    email: Annotated[str, StringConstraints(max_length=254)]
    name: Name
    password: Password
    organisation_name: Name | None = None


@setup.get("", openapi_extra=OPEN)
async def setup_state(context: OpenContext) -> SetupState:
    async with context.database.view() as session:
        return SetupState(needed=await accounts.needs_setup(session))


@setup.post("", status_code=201, openapi_extra=OPEN)
async def complete_setup(request: Request, response: Response, context: OpenContext, body: Setup) -> Me:
    """Creates the first administrator and organisation, once, and signs in."""
    refuse_foreign_origin(request, context, strict=False)
    actor, token = await accounts.complete_setup(
        context.database,
        context.passwords,
        context.clock,
        token=body.token,
        email=body.email,
        name=body.name,
        password=body.password,
        organisation_name=body.organisation_name,
        browser=browser_of(request),
        lifetime=context.lifetime,
    )
    set_cookie(response, token, context)
    return me_of(actor)
