"""Puts the HTTP API together."""

from functools import cache

from fastapi import FastAPI
from starlette.routing import BaseRoute

from csms import __version__
from csms.api import problems
from csms.api.console import built, console, tile_origin
from csms.api.context import ApiContext
from csms.api.edge import RequestEdge
from csms.api.health import health
from csms.api.live.hub import LiveHub
from csms.api.openapi import describe, operation_id
from csms.api.pages import pages
from csms.api.routers import OPERATOR
from csms.api.station_files import station_files


def create_app(context: ApiContext) -> FastAPI:
    """The ASGI app over the given ports."""
    settings = context.settings
    app = FastAPI(
        title="Bluesky",
        summary="A charging station management system",
        version=__version__,
        openapi_url="/api/openapi.json" if settings.docs else None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=operation_id,
    )
    app.state.context = context
    app.state.live = LiveHub(context.database, context.bus, context.tasks)
    app.openapi = lambda: describe(app)  # type: ignore[method-assign]
    problems.install(app)
    app.add_middleware(RequestEdge, clock=context.clock, secure=settings.secure_cookies)
    app.router.routes.extend(_resources())
    if built():
        app.include_router(console(tiles=tile_origin(settings.map_tile_url)))
    app.include_router(pages(docs=settings.docs))
    _work_out_routes(app)
    return app


@cache
def _resources() -> tuple[BaseRoute, ...]:
    """The routes that every app has; worked out once, for that takes a third of a second."""
    app = FastAPI(openapi_url=None, generate_unique_id_function=operation_id)
    app.include_router(health)
    app.include_router(station_files)
    for router in OPERATOR:
        app.include_router(router, prefix="/api/v1")
    _work_out_routes(app)
    return tuple(app.routes)


def _work_out_routes(app: FastAPI) -> None:
    """FastAPI does so when a request first comes by, for all routes at once: stations would wait meanwhile."""
    anywhere = {"type": "http", "method": "GET", "path": "/-", "root_path": "", "headers": [], "query_string": b""}
    for route in app.routes:
        route.matches({**anywhere, "path_params": {}})
