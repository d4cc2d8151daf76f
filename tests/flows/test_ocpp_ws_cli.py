"""The test suites of npm `ocpp-ws-cli` against our server; where they contradict OCPP 1.6, it wins, and that is written here."""

import asyncio
import json
from pathlib import Path

import pytest

from ..harness.node import needed, node
from ..harness.server import add_station, rows, serving
from ..harness.sockets import station

SUITES = {"transport": 7, "rpc": 8, "security": 4, "chaos": 2}  # and how many checks each has

# Which checks fail, what we do that they do not want, and why it is right.
EXCEPTIONS = {
    "Server requires subprotocol": (
        "Server accepted connection with no OCPP subprotocol",
        "OCPP-J 1.6 §3.2: the handshake is completed without the header, and then the connection is closed at once.",
    ),
    "Server rejects oversized frames (>128KB)": (
        "Server did not close connection after oversized payload",
        "OCPP-J 1.6 §4.2.3: a call that is not taken is answered with a CALLERROR. It names no largest size; a station whose "
        "connection is closed would only say it again. Past 1 MiB the connection is closed.",
    ),
    "Server enforces MessageId is a string": (
        "Expected FormatViolation CALLERROR, got: [4,\"12345\",\"TypeConstraintViolation\"",
        "OCPP-J 1.6 §4.2.3: a field of the wrong type is a TypeConstraintViolation; FormatViolation is a word of OCPP 2.0.",
    ),
    "Server rejects missing payload in CALL": (
        "\"FormationViolation\",\"frame: elements are missing\"",
        "OCPP-J 1.6 §4.2.3 calls it FormationViolation; FormatViolation is a word of OCPP 2.0.",
    ),
    "Server rejects non-object payload in CALL": (
        "\"FormationViolation\",\"payload: expected object, got str\"",
        "OCPP-J 1.6 §4.2.3 calls it FormationViolation; FormatViolation is a word of OCPP 2.0.",
    ),
}  # fmt: skip


async def run(suite: str, url: str, reports: Path) -> dict[str, str | None]:
    """What each check of a suite complains of; None where it is content."""
    arguments = (
        "node_modules/ocpp-ws-cli/dist/index.js", "test", "-e", url, "-i", suite, "-p", "ocpp1.6",
        "--suite", suite, "--report", "json", "--report-dir", str(reports),
    )  # fmt: skip
    async with node(*arguments) as program:
        assert program.stdout is not None
        said = (await program.stdout.read()).decode()
        assert await program.wait() == 0, said
    return read(reports)


def read(reports: Path) -> dict[str, str | None]:
    [report] = reports.iterdir()
    results = json.loads(report.read_text())["testResults"]
    return {result["name"]: None if result["passed"] else result["issue"] for result in results}


@pytest.mark.timeout(120)
async def test_every_suite_is_content_but_for_the_written_exceptions(tmp_path: Path) -> None:
    needed("ocpp-ws-cli")
    async with serving(tmp_path / "data") as server:
        for suite in SUITES:
            await add_station(server.context.database, suite)
        async with asyncio.timeout(100):
            runs = [run(suite, server.ocpp_url, tmp_path / suite) for suite in SUITES]
            verdicts = dict(zip(SUITES, await asyncio.gather(*runs), strict=True))
        for suite in SUITES:
            async with station(server.ocpp_url, suite) as afterwards:
                assert "currentTime" in await afterwards.call("Heartbeat", {})
        await server.recorder.drained()
        outcomes = {frame["outcome"] for frame in await rows(server.context.database, "frames")}
    assert {suite: len(verdict) for suite, verdict in verdicts.items()} == SUITES
    complaints = {name: issue for verdict in verdicts.values() for name, issue in verdict.items() if issue is not None}
    assert complaints.keys() == EXCEPTIONS.keys(), complaints
    for name, (issue, _) in EXCEPTIONS.items():
        assert issue in complaints[name]
    assert {"result", "error", "malformed"} <= outcomes
