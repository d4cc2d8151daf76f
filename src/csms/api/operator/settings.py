"""What the console must know of this installation."""

from pydantic import Field

from csms import __version__
from csms.api.context import Context
from csms.api.rights import MayReadStations
from csms.api.routing import router
from csms.api.schemas import Out

settings = router("/settings", "Settings")


class SettingsOut(Out):
    version: str
    ocpp_url: str = Field(description="what stations connect to, before their identity")
    ocpp_tls_url: str | None = Field(description="the same over TLS, if there is such a door")
    map_tile_url: str | None = Field(
        description="map tiles, with {z}, {x} and {y}; null: the console draws its own map"
    )


@settings.get("")
async def get_settings(_: MayReadStations, context: Context) -> SettingsOut:
    given = context.settings
    return SettingsOut(
        version=__version__,
        ocpp_url=given.ocpp_url,
        ocpp_tls_url=given.ocpp_tls_url,
        map_tile_url=given.map_tile_url,
    )
