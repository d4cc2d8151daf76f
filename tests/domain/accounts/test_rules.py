"""Who may do what."""

from uuid import UUID

import pytest

from csms.domain.accounts.rules import SYSTEM, Actor, Right, Role, may


@pytest.mark.parametrize(
    ("role", "rights"),
    [(Role.ADMINISTRATOR, {Right.READ, Right.CHANGE}), (Role.VIEWER, {Right.READ}), ("emperor", set()), ("", set())],
)
def test_a_role_has_its_rights_and_no_others(role: str, rights: set[Right]) -> None:
    assert {right for right in Right if may(role, right)} == rights


def test_a_label_tells_namesakes_apart() -> None:
    one = Actor("user", UUID(int=1), "Ana", Role.VIEWER, "ana@example.org")
    other = Actor("user", UUID(int=2), "Ana", Role.VIEWER, "ana@example.com")
    assert one.label == "Ana <ana@example.org>"
    assert one.label != other.label
    assert SYSTEM.label == "system"
