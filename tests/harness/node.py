"""Programs of `tests/independent`, run by Node; its packages come with `make test`, if there is Node or can be."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = "tests/independent"


def needed(package: str) -> None:
    """Skip the test where this package cannot be."""
    if not (ROOT / FOLDER / "node_modules" / package).is_dir():
        pytest.skip(f"npm's {package} is not installed in {FOLDER}; `make test` installs it where there is Node")
    if shutil.which("bash") is None:
        pytest.skip("there is no bash to run Node with")


@asynccontextmanager
async def node(*arguments: str, **environment: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Node with these arguments and additions to the environment; killed when it outlives its story."""
    process = await asyncio.create_subprocess_exec(
        str(ROOT / "web" / "run"), "node", *arguments,
        env=os.environ | environment | {"FOLDER": FOLDER},
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()
