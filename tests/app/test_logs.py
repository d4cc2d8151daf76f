"""Logs never show what was in a variable, whether a person or a program reads them."""

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


def printed(terminal: bool) -> str:
    reader, writer = os.openpty() if terminal else os.pipe()
    subprocess.run([sys.executable, "-c", CRASH], stderr=writer, check=True, timeout=60)
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
