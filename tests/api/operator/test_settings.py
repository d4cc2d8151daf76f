"""What the console must know of this installation."""

from dataclasses import replace

import httpx
import pytest

from csms.api.app import create_app
from csms.api.console import tile_origin
from csms.api.context import ApiContext, ApiSettings
from csms.app.settings import BadSetting, Settings


async def test_the_console_learns_where_stations_connect_and_tiles_come_from(
    viewer: httpx.AsyncClient, context: ApiContext
) -> None:
    shown = (await viewer.get("/api/v1/settings")).json()
    assert (shown["ocpp_url"], shown["map_tile_url"]) == (context.settings.ocpp_url, None)
    tiles = "https://tiles.example.org/{z}/{x}/{y}.png"
    app = create_app(replace(context, settings=ApiSettings(map_tile_url=tiles)))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://bluesky.test", headers=viewer.headers
    ) as client:
        assert (await client.get("/api/v1/settings")).json()["map_tile_url"] == tiles


def test_the_content_policy_names_the_origin_alone() -> None:
    assert tile_origin("https://tiles.example.org:8443/a/{z}/{x}/{y}.png?k=1") == "https://tiles.example.org:8443"
    assert tile_origin(None) is None


@pytest.mark.parametrize(
    "url",
    ["tiles.example.org/{z}/{x}/{y}", "https://{s}.example.org/{z}/{x}/{y}", "https://a b/{z}/{x}/{y}", "ftp://a/{z}/{x}/{y}",
     "https://tiles.example.org/", "https://a;script-src/{z}/{x}/{y}"],
)  # fmt: skip
def test_what_is_no_place_of_tiles_is_refused(url: str) -> None:
    with pytest.raises(BadSetting):
        Settings(map_tile_url=url)
