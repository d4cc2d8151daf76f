"""Chooses the set-up that the tests run on."""

import os
from collections.abc import Iterator

import pytest

from .setups import NAMES, SETUP, SQLITE

LONGEST = (
    "tests/flows/distributed/",
    "tests/web/",
    "tests/app/test_demo",
    "tests/soak/",
    "tests/fuzz/",
    "tests/flows/",
    "tests/certification/",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    default = os.environ.get("CSMS_TEST_SETUP", SQLITE)
    parser.addoption("--setup", choices=NAMES, default=default, help="sqlite (with memory) or postgres (with NATS)")


def pytest_configure(config: pytest.Config) -> None:
    SETUP.chosen = config.getoption("--setup")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest stories first: side by side with all the short ones they cost no time of their own."""
    items.sort(
        key=lambda item: next((at for at, part in enumerate(LONGEST) if part in item.path.as_posix()), len(LONGEST))
    )


@pytest.fixture(scope="session", autouse=True)
def _servers() -> Iterator[None]:
    yield
    SETUP.close()


@pytest.fixture(autouse=True)
def _databases() -> Iterator[None]:
    yield
    SETUP.postgres.forget()
