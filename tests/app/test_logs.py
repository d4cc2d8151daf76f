"""Logs never show what was in a variable, whether a person or a program reads them."""

import json
import os
import subprocess
import sys

import pytest

CRASH = """
import structlog
from csms.app import logs
logs.set_up("info")
def handle():
    password = "sword" + "fish"
    raise RuntimeError("the door jammed")
try:
    handle()
except RuntimeError:
    structlog.get_logger().exception("a request failed")
"""

IN_A_SPAN = """
import structlog
from csms.app import logs
from csms.kit.tracing import TRACE
logs.set_up("info")
log = structlog.get_logger()
log.info("before")
TRACE.set("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
log.info("within", station="CP-1")
"""


def printed(terminal: bool, program: str = CRASH) -> str:
    reader, writer = os.openpty() if terminal else os.pipe()
    subprocess.run([sys.executable, "-c", program], stderr=writer, check=True, timeout=60)
    os.close(writer)
    text = b""
    try:
        while part := os.read(reader, 65536):
            text += part
    except OSError:
        pass  # how a terminal says that its other end is gone
    finally:
        os.close(reader)
    return text.decode()


@pytest.mark.parametrize("terminal", [True, False])
def test_a_traceback_says_where_but_not_what_was_in_the_variables(terminal: bool) -> None:
    text = printed(terminal)
    assert "the door jammed" in text
    assert "in handle" in text
    assert "swordfish" not in text


def test_lines_of_a_traced_piece_of_work_name_its_trace() -> None:
    before, within = map(json.loads, printed(False, IN_A_SPAN).splitlines())
    assert "trace_id" not in before
    assert (within["trace_id"], within["station"]) == ("0af7651916cd43dd8448eb211c80319c", "CP-1")
