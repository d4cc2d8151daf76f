"""What people say of evses and connectors."""

import httpx

from .conftest import World

STATION = "/api/v1/stations/CS-1"


async def test_a_plug_gets_its_kind_and_limits_and_an_evse_its_name(admin: httpx.AsyncClient, world: World) -> None:
    await world.station("CS-1")
    await world.connector("CS-1", 1, "available")
    assert (await admin.patch(f"{STATION}/evses/1", json={"name": " Left "})).json()["evses"][0]["name"] == "Left"
    plug = {
        "standard": "IEC_62196_T2", "format": "cable", "max_power_w": 22_000, "max_current_a": 32, "max_voltage_v": 230
    }  # fmt: skip
    changed = (await admin.patch(f"{STATION}/evses/1/connectors/1", json=plug)).json()
    [connector] = changed["evses"][0]["connectors"]
    assert connector | plug == connector
    assert connector["status"] == "available"
    await admin.patch(f"{STATION}/evses/1/connectors/1", json={"max_power_w": None})
    again = (await admin.get(STATION)).json()["evses"][0]["connectors"][0]
    assert again | plug | {"max_power_w": None} == again
    trail = (await admin.get("/api/v1/audit", params={"subject_id": "CS-1", "action": "change"})).json()["items"]
    assert trail[0]["before"] == {"part": "connector 1.1", "max_power_w": 22_000}
    assert trail[0]["after"] == {"part": "connector 1.1", "max_power_w": None}
    assert len(trail) == 3
    assert trail[1]["before"] == {"part": "connector 1.1"} | dict.fromkeys(plug)
    assert trail[1]["after"] == {"part": "connector 1.1"} | plug


async def test_what_the_station_never_named_is_not_there(admin: httpx.AsyncClient, world: World) -> None:
    await world.station("CS-1")
    await world.connector("CS-1", 1, "available")
    for path, code in (("evses/2", "evse_not_found"), ("evses/1/connectors/2", "connector_not_found")):
        refused = await admin.patch(f"{STATION}/{path}", json={})
        assert (refused.status_code, refused.json()["code"]) == (404, code)
    for nonsense in (
        {"standard": "hose"},
        {"format": "loose"},
        {"max_power_w": 0},
        {"max_current_a": 0},
        {"max_voltage_v": -1},
    ):
        assert (await admin.patch(f"{STATION}/evses/1/connectors/1", json=nonsense)).status_code == 422
