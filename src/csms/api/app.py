"""Puts the HTTP API together."""

from fastapi import FastAPI

from csms import __version__
from csms.api import problems
from csms.api.context import ApiContext
from csms.api.edge import RequestEdge
from csms.api.health import health
from csms.api.routers import OPERATOR


def create_app(context: ApiContext) -> FastAPI:
    """The ASGI app over the given ports."""
    app = FastAPI(
        title="Bluesky",
        version=__version__,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.context = context
    problems.install(app)
    app.add_middleware(RequestEdge, clock=context.clock, secure=context.settings.secure_cookies)
    app.include_router(health)
    for router in OPERATOR:
        app.include_router(router, prefix="/api/v1")
    return app
