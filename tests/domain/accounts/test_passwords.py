"""People's passwords."""

import pytest

from csms.domain.accounts.errors import UnusablePassword
from csms.domain.accounts.passwords import Passwords


async def test_a_password_matches_its_own_hash_only(passwords: Passwords) -> None:
    sealed = await passwords.hash("three random words")
    assert sealed.startswith("$argon2id$")
    assert await passwords.matches(sealed, "three random words")
    assert not await passwords.matches(sealed, "three random word")
    assert sealed != await passwords.hash("three random words")


@pytest.mark.parametrize("sealed", [None, "", "not a hash", "$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAA"])
async def test_nothing_matches_what_is_no_hash(passwords: Passwords, sealed: str | None) -> None:
    assert not await passwords.matches(sealed, "nobody")
    assert not await passwords.matches(sealed, "")


@pytest.mark.parametrize("odd", ["密码是三个随机的词语啊", "with \x00 inside", "p" * 100 + "\U0001f50b and more"])
async def test_any_script_will_do(passwords: Passwords, odd: str) -> None:
    assert await passwords.matches(await passwords.hash(odd), odd)


async def test_a_lone_surrogate_matches_nothing(passwords: Passwords) -> None:
    assert not await passwords.matches(await passwords.hash("three random words"), "\ud800")


@pytest.mark.parametrize(
    ("weak", "why"),
    [
        ("nine char", "at least 10 characters"),
        ("x1y2z" * 41, "at most 200 characters"),
        ("aaaaaaaabbbb", "five different characters"),
        ("ANA@example.org1", "e-mail address"),
    ],
)
async def test_weak_passwords_are_refused_with_the_reason(passwords: Passwords, weak: str, why: str) -> None:
    with pytest.raises(UnusablePassword, match=why) as refused:
        await passwords.hash(weak, email="ana@example.org", field="new_password")
    assert refused.value.facts == {"field": "new_password"}
