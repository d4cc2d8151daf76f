"""The actions that can be sent to a station, with schemas that a form can be made from."""

import httpx
import jsonschema

PROFILE = {
    "connectorId": 1,
    "csChargingProfiles": {
        "chargingProfileId": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Relative",
        "chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16}]},
    },
}


async def test_every_action_of_ours_has_a_schema_that_holds(viewer: httpx.AsyncClient) -> None:
    found = (await viewer.get("/api/v1/ocpp/actions")).json()
    assert found["protocol"] == "ocpp1.6"
    schemas = {item["action"]: item["request"] for item in found["items"]}
    assert {"Reset", "TriggerMessage", "SetChargingProfile", "DataTransfer"} <= schemas.keys()
    assert "BootNotification" not in schemas  # stations send that
    for schema in schemas.values():
        jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(PROFILE, schemas["SetChargingProfile"])


async def test_strangers_see_nothing(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/v1/ocpp/actions")).status_code == 401
