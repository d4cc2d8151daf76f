"""Secrets that must wait in a table."""

import pytest

from csms.kit.sealing import BrokenSeal, Seal


def test_what_was_sealed_is_read_with_the_same_key_only() -> None:
    seal = Seal(b"k" * 32)
    sealed = seal.close("geheim ✓")
    assert "geheim" not in sealed
    assert sealed != seal.close("geheim ✓")
    assert seal.open(sealed) == "geheim ✓"
    assert seal.open("never sealed") == "never sealed"
    with pytest.raises(BrokenSeal):
        Seal(b"other").open(sealed)


@pytest.mark.parametrize(
    "text", ["sealed:", "sealed:!", "sealed:AAAA", "sealed:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]
)
def test_what_was_tampered_with_is_refused(text: str) -> None:
    with pytest.raises(BrokenSeal):
        Seal(b"k").open(text)
