"""`csms simulate` as a stranger starts it, against the TLS door of a server: profiles 2 and 3, and what is not trusted."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from csms.app.wiring import Server
from csms.domain.stations.credentials import seal_generated
from csms.kit.ids import station_password

from ...harness.certificates import TestAuthority
from ...harness.server import add_station, rows, serving

PROGRAM = "from csms.app.cli import main; main()"


@pytest.fixture
def authority(tmp_path: Path) -> TestAuthority:
    return TestAuthority(tmp_path, "Operator CA")


@pytest.fixture
async def server(tmp_path: Path, authority: TestAuthority) -> AsyncIterator[Server]:
    async with serving(tmp_path / "data", ocpp_tls="127.0.0.1:0", ocpp_tls_trusted=str(authority.path)) as server:
        yield server


async def simulate(server: Server, *options: str) -> tuple[int, str]:
    """Runs for two seconds; its exit code and what it said."""
    assert server.ocpp_tls_url is not None
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, "simulate", server.ocpp_tls_url, "--duration", "2", "--speed", "20", *options,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        said, _ = await asyncio.wait_for(process.communicate(), 60)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode or 0, said.decode()


async def links(server: Server) -> list[tuple[int, str | None]]:
    await server.recorder.drained()
    return [(row["security_profile"], row["tls"]) for row in await rows(server.context.database, "links")]


async def test_a_password_over_tls_and_a_certificate(server: Server, authority: TestAuthority, tmp_path: Path) -> None:
    password, root = station_password(), str(tmp_path / "data" / "pki" / "root.pem")
    credential = seal_generated(server.context.station_key, "SIM-0001", password)
    columns = {"credential_kind": credential.kind, "credential": credential.sealed}
    await add_station(server.context.database, "SIM-0001", security_profile=2, **columns)
    code, said = await simulate(server, "--stations", "1", "--ca", root, "--password", password)
    assert code == 0, said
    assert await links(server) == [(2, "TLSv1.3")]

    await add_station(server.context.database, "CS-3", security_profile=3)
    pair = authority.issue("CS-3")
    given = ("--ca", root, "--cert", str(pair.certificate), "--key", str(pair.key))
    code, said = await simulate(server, *given)
    assert code == 0, said
    assert await links(server) == [(2, "TLSv1.3"), (3, "TLSv1.3")]
    code, said = await simulate(server, *given, "--stations", "2")
    assert (code, "a certificate is of one station" in said) == (2, True)


async def test_a_server_that_this_machine_does_not_trust(server: Server) -> None:
    """Without --ca the machine's own authorities count, and ours is none of them."""
    await add_station(server.context.database, "SIM-0001")
    code, said = await simulate(server, "--stations", "1")
    assert code == 0
    assert "certificate verify failed" in said
