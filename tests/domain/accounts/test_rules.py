"""Who may do what, and where."""

from uuid import UUID

import pytest

from csms.domain.accounts.rules import (
    EVERYWHERE,
    NETWORK,
    NOWHERE,
    SYSTEM,
    Actor,
    Granted,
    Right,
    Role,
    Scope,
    foremost,
    roles_with,
)

NORTH, SOUTH, HARBOUR, MARKET = (UUID(int=number) for number in range(1, 5))
IN_THE_NORTH = Scope(organisations=frozenset({NORTH}))
AT_THE_HARBOUR = Scope(locations=frozenset({HARBOUR}))


def somebody(*granted: Granted) -> Actor:
    return Actor("user", UUID(int=9), "Ana", granted, "ana@example.org")


@pytest.mark.parametrize("role", ["emperor", ""])
def test_a_role_nobody_knows_allows_nothing(role: str) -> None:
    assert somebody(Granted(role, EVERYWHERE)).rights == frozenset()
    assert somebody().rights == frozenset()


def test_an_administrator_may_do_everything_and_each_other_role_less() -> None:
    assert Granted(Role.ADMINISTRATOR, EVERYWHERE).rights == set(Right)
    for role in set(Role) - {Role.ADMINISTRATOR}:
        rights = Granted(role, EVERYWHERE).rights
        assert Right.STATIONS_READ in rights
        assert not rights & {Right.USERS_READ, Right.USERS_WRITE, Right.API_KEYS_WRITE, Right.AUDIT_READ}


def test_a_viewer_changes_nothing() -> None:
    assert all(right.endswith(".read") for right in Granted(Role.VIEWER, EVERYWHERE).rights)


def test_raw_commands_are_for_administrators_and_operators() -> None:
    assert roles_with(Right.COMMANDS_RAW) == [Role.ADMINISTRATOR, Role.OPERATOR]


def test_neither_a_technician_nor_a_site_host_learns_who_drives() -> None:
    who = {Right.IDENTITIES_READ, Right.ID_TOKENS_READ, Right.LOCAL_LISTS_READ}
    for role in (Role.TECHNICIAN, Role.SITE_HOST):
        assert not Granted(role, EVERYWHERE).rights & who
    assert Right.MESSAGES_READ not in Granted(Role.SITE_HOST, EVERYWHERE).rights  # frames carry id tokens


def test_what_is_nowhere_in_particular_takes_a_role_everywhere() -> None:
    assert not Granted(Role.ADMINISTRATOR, IN_THE_NORTH).rights & NETWORK


def test_a_right_holds_where_a_role_that_has_it_holds() -> None:
    ana = somebody(Granted(Role.VIEWER, IN_THE_NORTH), Granted(Role.OPERATOR, AT_THE_HARBOUR))
    assert ana.scope_of(Right.STATIONS_READ) == IN_THE_NORTH | AT_THE_HARBOUR
    assert ana.scope_of(Right.COMMANDS_RAW) == AT_THE_HARBOUR
    assert ana.scope_of(Right.USERS_READ) == NOWHERE
    assert not NOWHERE
    assert ana.role is Role.OPERATOR


def test_a_scope_covers_its_organisations_its_locations_and_no_others() -> None:
    assert IN_THE_NORTH.covers(MARKET, NORTH)
    assert not IN_THE_NORTH.covers(MARKET, SOUTH)
    assert AT_THE_HARBOUR.covers(HARBOUR, SOUTH)
    assert not AT_THE_HARBOUR.covers(MARKET, SOUTH)
    assert not IN_THE_NORTH.covers(None, None)
    assert EVERYWHERE.covers(None, None)


def test_the_foremost_role_is_shown() -> None:
    assert foremost(["viewer", "technician", "emperor"]) is Role.TECHNICIAN
    assert foremost([]) is None


def test_a_label_tells_namesakes_apart() -> None:
    one = Actor("user", UUID(int=1), "Ana", (), "ana@example.org")
    other = Actor("user", UUID(int=2), "Ana", (), "ana@example.com")
    assert one.label == "Ana <ana@example.org>"
    assert one.label != other.label
    assert SYSTEM.label == "system"
