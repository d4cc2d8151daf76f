"""What no database takes, said by one station, fails nobody else who asks at the same moment."""

import asyncio
from pathlib import Path

from ..harness.server import add_id_token, add_station, serving
from ..harness.sockets import open_station

TIMES = 40


async def test_an_id_token_with_a_nul_is_its_station_s_own_trouble(tmp_path: Path) -> None:
    async with serving(tmp_path / "data") as server:
        for identity in ("A", "B"):
            await add_station(server.context.database, identity)
        await add_id_token(server.context.database, "FRIEND")
        odd, other = await open_station(server.ocpp_url, "A"), await open_station(server.ocpp_url, "B")

        async def swipe_nonsense() -> None:
            for _ in range(TIMES):
                frame = await (await odd.start_call("Authorize", {"idTag": "\0"}))
                assert frame[2] in ({"idTagInfo": {"status": "Invalid"}}, "PropertyConstraintViolation")

        async def swipe() -> None:
            for _ in range(TIMES):
                assert await other.call("Authorize", {"idTag": "FRIEND"}) == {"idTagInfo": {"status": "Accepted"}}

        await asyncio.gather(swipe_nonsense(), swipe())
        for socket in (odd, other):
            await socket.leave()
        await server.recorder.drained()
