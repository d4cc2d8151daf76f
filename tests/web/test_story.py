"""Stories in a real browser, `web/console/tests/*.mjs`, against a real server and simulated stations."""

import asyncio
import os
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import websockets

from csms.api.console import built
from csms.app.settings import Settings
from csms.app.wiring import Server, run_server
from csms.kit.clock import SystemClock, microseconds
from csms.simulator import ConnectorSpec, Fleet, StationSpec

ROOT = Path(__file__).parents[2]
CONSOLE = ROOT / "web" / "console"
PICTURES = ROOT / "build" / "browser-failures"
WITHIN_S = 570


def missing() -> str | None:
    """Why no browser can look at the console here."""
    if not built():
        return "the console is not built; `make web` builds it"
    if not (CONSOLE / "node_modules" / "playwright-core").is_dir():
        return "the console's packages are not installed; `make web` installs them"
    if shutil.which("bash") is None:
        return "there is no bash to run Node with"
    return None


def milliseconds() -> int:
    """Now, as the browser counts it: what it draws is timed from when a station sends what changed."""
    return microseconds(SystemClock().now()) // 1000


@dataclass
class World:
    """What the story asks to happen around it: stations connect, cars are plugged in, strangers knock, cables break."""

    server: Server
    http_port: int
    fleets: dict[str, Fleet] = field(default_factory=dict)
    cable: "Cable | None" = None

    async def connect(self, identity: str, password: str) -> None:
        spec = StationSpec(
            identity,
            (ConnectorSpec(max_power_w=22_000), ConnectorSpec(max_power_w=22_000)),
            password=password,
            configuration={"MeterValueSampleInterval": "2"},
        )
        fleet = Fleet(self.server.ocpp_url, [spec], seed=1)
        self.fleets[identity] = fleet
        await fleet[identity].come_online()
        fleet[identity].keep_online = True

    async def plug(self, identity: str, connector: str) -> int:
        at = milliseconds()
        await self.fleets[identity][identity].plug_in(int(connector))
        return at

    async def unplug(self, identity: str, connector: str) -> int:
        at = milliseconds()
        await self.fleets[identity][identity].unplug(int(connector))
        return at

    async def meter(self, identity: str, connector: str) -> None:
        await self.fleets[identity][identity].meter(int(connector), 500)

    async def swipe(self, identity: str, connector: str, id_tag: str) -> None:
        await self.fleets[identity][identity].swipe(int(connector), id_tag)

    async def knock(self, identity: str) -> None:
        with pytest.raises(websockets.InvalidStatus):
            await websockets.connect(
                f"{self.server.ocpp_url}/{identity}", subprotocols=[websockets.Subprotocol("ocpp1.6")]
            )

    async def cut(self) -> None:
        assert self.cable is not None
        await self.cable.cut()

    async def mend(self) -> None:
        assert self.cable is not None
        await self.cable.mend()

    async def end(self) -> None:
        for fleet in self.fleets.values():
            await fleet.stop(finish=False)


class Cable:
    """A TCP cable between browser and server that can be cut and mended."""

    def __init__(self, to_port: int) -> None:
        self._to_port = to_port
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self.port = 0

    async def mend(self) -> None:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in list(self._writers):
            writer.close()
        await self._server.wait_closed()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._to_port)
        ends = {writer, back}
        self._writers |= ends
        try:
            await asyncio.gather(_pump(reader, back), _pump(there, writer))
        finally:
            self._writers -= ends
            for end in ends:
                end.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    except (ConnectionError, OSError):
        pass
    finally:
        writer.close()


@pytest.mark.timeout(WITHIN_S + 20)
async def test_an_operators_first_day(tmp_path: Path) -> None:
    reason = missing()
    if reason is not None:
        pytest.skip(reason)
    settings = Settings(data=tmp_path / "data", http="127.0.0.1:0", ocpp="127.0.0.1:0")
    async with run_server(settings) as server:
        port = int(server.http_url.rsplit(":", 1)[1])
        cable = Cable(port)
        await cable.mend()
        world = World(server, port, cable=cable)
        assert server.setup_url is not None
        base = f"http://127.0.0.1:{cable.port}"
        try:
            code, said = await _tell("story.mjs", world, base, server.setup_url.replace(server.http_url, base))
        finally:
            await world.end()
            await cable.cut()
    print(said)
    assert code == 0


@pytest.mark.timeout(WITHIN_S + 20)
async def test_of_thousands_only_what_is_in_view_is_drawn_and_drawn_again(tmp_path: Path) -> None:
    reason = missing()
    if reason is not None:
        pytest.skip(reason)
    settings = Settings(data=tmp_path / "data", http="127.0.0.1:0", ocpp="127.0.0.1:0")
    async with run_server(settings) as server:
        assert server.setup_url is not None
        world = World(server, 0)
        try:
            code, said = await _tell("live_list.mjs", world, server.http_url, server.setup_url)
        finally:
            await world.end()
    print(said)
    assert code == 0


async def _tell(script: str, world: World, base: str, setup_url: str) -> tuple[int, str]:
    environment = {**os.environ, "HTTP_URL": base, "SETUP_URL": setup_url, "PICTURES": str(PICTURES)}
    process = await asyncio.create_subprocess_exec(
        str(ROOT / "web" / "run"),
        "node",
        f"tests/{script}",
        env=environment,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said: list[str] = []
    try:
        async with asyncio.timeout(WITHIN_S):
            await _follow(process, world, said)
            return await process.wait(), "\n".join(said)
    except TimeoutError:
        return 1, "\n".join([*said, "the story took too long"])
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _follow(process: asyncio.subprocess.Process, world: World, said: list[str]) -> None:
    assert process.stdout is not None
    assert process.stdin is not None
    while line := await process.stdout.readline():
        text = line.decode().rstrip()
        if not text.startswith("@ "):
            said.append(text)
            continue
        verb, *words = text.split()[1:]
        act: Callable[..., Awaitable[int | None]] = getattr(world, verb)
        at = await act(*words)
        process.stdin.write(b"ok\n" if at is None else f"ok {at}\n".encode())
        await process.stdin.drain()
