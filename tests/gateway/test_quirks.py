"""Repairs on a running server: suggested, switched on for a connected station, taken back, remembered over a reconnect."""

from pathlib import Path

from ..harness.server import add_id_token, add_station, rows
from ..harness.sockets import StationSocket
from ..harness.waiting import until
from .conftest import Ask, Connect, Serve

BROKEN = '[2,"m","StatusNotification",{"connectorId":1,"errorCode":"NoError","status":"Available","info":,}]'


async def test_a_suggested_repair_is_switched_on_while_the_station_is_connected(
    serve: Serve, connect: Connect, ask: Ask
) -> None:
    server = await serve()
    database = server.context.database
    await add_station(database, "A")
    await add_id_token(database, "FRIEND")
    socket = await connect(server, "A")
    for _ in range(2):
        assert await said(socket) == 4
    await socket.leave()
    socket = await connect(server, "A")  # the counting goes on
    assert await said(socket) == 4

    [item] = (await ask(server, "GET", "/stations/A/repairs")).json()["items"]
    assert (item["name"], item["missed"], item["suggested"]) == ("broken_json", 3, True)
    on = await ask(server, "POST", "/stations/A/quirks", json={"repairs": ["broken_json"]})
    assert on.status_code == 200
    link = next(iter(server.hub.links.values()))
    await until(lambda: link.live.quirks is not None and link.live.quirks.repairs, what="the repair")
    assert await said(socket) == 3

    assert (await ask(server, "POST", "/stations/A/quirks", json={"repairs": []})).status_code == 200
    await until(lambda: link.live.quirks is not None and not link.live.quirks.repairs, what="the way back")
    assert await said(socket) == 4
    frames = [row for row in await rows(database, "frames") if row["message_id"] == "m" or b'"m"' in row["call"]]
    assert {row["call"] for row in frames} == {BROKEN.encode()}
    assert [row["repairs"] for row in frames] == [None, None, None, "broken_json", None]


async def said(socket: StationSocket) -> int:
    await socket.send(BROKEN)
    return int((await socket.next_other())[0])


async def test_a_connector_beyond_reason_is_refused_and_its_repair_counted(serve: Serve, connect: Connect) -> None:
    server = await serve()
    await add_station(server.context.database, "A")
    socket = await connect(server, "A")
    await socket.send(
        '[2,"m","StatusNotification",{"connectorId":1850000000,"errorCode":"NoError","status":"Available"}]'
    )
    assert (await socket.next_other())[2] == "PropertyConstraintViolation"
    [repair] = await rows(server.context.database, "station_repairs")
    assert (repair["kind"], repair["missed"], repair["applied"]) == ("connector_id", 1, 0)


METER = (
    '[2,"{0}","MeterValues",{{"connectorId":1,"transactionId":{1},"meterValue":[{{"timestamp":"{2}","sampledValue":'
    '[{{"measurand":"Power.Active.Import","unit":"kW","value":"300"}}]}}]}}]'
)


async def test_the_limit_that_an_operator_sets_is_what_the_connected_station_is_judged_by(
    serve: Serve, connect: Connect, ask: Ask
) -> None:
    server = await serve()
    database = server.context.database
    await add_station(database, "A")
    await add_id_token(database, "FRIEND")
    socket = await connect(server, "A")
    now = server.context.clock.now().isoformat()
    await socket.send(
        f'[2,"s","StartTransaction",{{"connectorId":1,"idTag":"FRIEND","meterStart":0,"timestamp":"{now}"}}]'
    )
    transaction_id = (await socket.next_other())[2]["transactionId"]
    await socket.send(METER.format("before", transaction_id, now))
    await socket.next_other()
    assert not (await ask(server, "GET", "/review")).json()["items"]

    plug = {"standard": "IEC_62196_T2", "max_current_a": 32, "max_voltage_v": 230}
    changed = await ask(server, "PATCH", "/stations/A/evses/1/connectors/1", json=plug)
    assert changed.status_code == 200, changed.text
    link = next(iter(server.hub.links.values()))
    await until(lambda: link.live.station.limit_w(1) == 3 * 32 * 230, what="the limit")
    await socket.send(METER.format("after", transaction_id, now))
    await socket.next_other()
    [item] = (await ask(server, "GET", "/review")).json()["items"]
    assert (item["kind"], item["detail"]) == (
        "over_power",
        "300.0 kW were read: its evse gives 22.1 kW at most.",
    )
    await socket.leave()
    socket = await connect(server, "A")
    assert next(iter(server.hub.links.values())).live.station.limits == {1: 3 * 32 * 230}
    session = (await ask(server, "GET", "/sessions?needs_review=true")).json()["items"]
    assert [found["transaction_id"] for found in session] == [transaction_id]


NULLS = '{"connectorId":1,"errorCode":"NoError","status":"Available","info":null}'


async def test_an_operators_own_profile_counts_as_soon_as_its_file_is_there(
    serve: Serve, connect: Connect, ask: Ask, tmp_path: Path
) -> None:
    """And it no longer does once the file is gone; a file that is wrong is said to be."""
    server = await serve()
    await add_station(server.context.database, "A", vendor="Nobody", model="Box 1")
    socket = await connect(server, "A")

    async def answered(code: int) -> None:
        async def says() -> bool:
            await socket.send(f'[2,"m","StatusNotification",{NULLS}]')
            return (await socket.next_other())[0] == code

        await until(says, what=f"answer {code}")

    await answered(4)
    mine = tmp_path / "data" / "quirks" / "mine.toml"
    mine.parent.mkdir()
    mine.write_text('[[profile]]\nname = "nobody"\nvendor = "NOBODY"\nrepairs = ["null_fields"]\n')
    await answered(3)
    shown = (await ask(server, "GET", "/quirk-profiles")).json()
    assert (shown["items"][0]["name"], shown["items"][0]["file"], shown["items"][1]["file"]) == (
        "nobody", "mine.toml", None,
    )  # fmt: skip
    assert "null_fields" in shown["repairs"]
    assert (await ask(server, "GET", "/stations/A/repairs")).json()["profile"] == "nobody"

    mine.write_text('[[profile]]\nname = "nobody"\nvendor = "NOBODY"\nrepairs = ["null_field"]\n')

    async def complains() -> list[dict[str, str]]:
        troubles: list[dict[str, str]] = (await ask(server, "GET", "/quirk-profiles")).json()["troubles"]
        return troubles

    [trouble] = await until(complains)
    assert trouble["file"] == "mine.toml"
    assert "no repair is named null_field; there are" in trouble["words"]
    await answered(3)
    mine.unlink()
    await answered(4)
