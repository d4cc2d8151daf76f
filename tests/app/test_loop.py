"""The garbage collector is held while the server starts, and calm but at work afterwards."""

import gc
from collections.abc import Iterator

import pytest

from csms.app import loop


@pytest.fixture
def collector() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)
    gc.enable()


@pytest.mark.usefixtures("collector")
def test_what_is_garbage_after_the_start_is_still_found() -> None:
    loop.hold_collector()
    assert not gc.isenabled()

    loop.calm_collector()

    assert gc.isenabled()
    assert gc.get_freeze_count() > 0
