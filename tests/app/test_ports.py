"""`csms serve` on ports that others hold."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("taken", ["http", "ocpp"])
def test_a_port_that_another_program_holds_is_named(tmp_path: Path, taken: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        ports = {"http": 0, "ocpp": 0, taken: port}
        where = [word for name, number in ports.items() for word in (f"--{name}", f"127.0.0.1:{number}")]
        command = [
            sys.executable,
            "-c",
            "from csms.app.cli import main; main()",
            "serve",
            "--data",
            str(tmp_path / "data"),
            *where,
        ]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    words = ended.stderr.splitlines()[-1]
    assert words.startswith("csms: cannot listen: ")
    assert str(port) in words
    assert "already in use" in words.lower()
