"""What supervisors and Prometheus are told."""

from pathlib import Path

import httpx
import pytest
from bench.services import free_port
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from ..harness.server import serving


async def test_metrics_tell_of_refused_connections_of_commits_and_of_the_process(tmp_path: Path) -> None:
    monitor = f"127.0.0.1:{free_port()}"
    async with serving(tmp_path / "data", monitor=monitor) as server, httpx.AsyncClient(trust_env=False) as client:
        with pytest.raises(InvalidStatus):
            await connect(f"{server.ocpp_url}/NOBODY", subprotocols=["ocpp1.6"], proxy=None)  # type: ignore[list-item]
        text = (await client.get(f"http://{monitor}/metrics")).text
    assert 'csms_handshake_failures_total{problem="unknown_station",status="404"} 1.0' in text
    assert 'csms_recorder_batch_size_bucket{le="1"}' in text
    assert 'csms_recorder_commit_seconds_bucket{le="+Inf"}' in text
    assert "csms_recorder_commit_seconds_count" in text
    assert "process_cpu_seconds_total" in text
