"""What the connection doctor says: plain words, and a URL to paste."""

from dataclasses import dataclass

import pytest

from csms.domain.connections.rules import PROBLEMS, Addresses, explain

BOTH = Addresses("ws://csms.example:9000/ocpp", "wss://csms.example:9443/ocpp")


@dataclass
class Tried:
    problem: str | None
    note: str | None = "words"
    identity: str | None = "CS-1"
    path: str | None = "/steve/CS-1"
    subprotocols: str | None = None
    username: str | None = "admin"
    tls: str | None = None
    certificate_subject: str | None = "CN=CS-2"


@pytest.mark.parametrize("problem", PROBLEMS)
def test_every_problem_has_words_and_advice(problem: str) -> None:
    for tried in (Tried(problem), Tried(problem, None, None, None, None, None, None, None)):
        words = explain(tried, BOTH)
        assert words is not None
        assert len(words.problem) > 10
        assert len(words.advice) > 10


@pytest.mark.parametrize(
    ("problem", "part"),
    [
        ("wrong_path", "ws://csms.example:9000/ocpp/CS-1"),
        ("no_upgrade", "ws://csms.example:9000/ocpp/CS-1"),
        ("tls_to_plain", "wss://csms.example:9443/ocpp/CS-1"),
        ("plain_to_tls", "wss://csms.example:9443/ocpp/CS-1"),
        ("wrong_user", "CS-1"),
        ("no_subprotocol", "ocpp1.6"),
    ],
)
def test_the_advice_says_what_to_set(problem: str, part: str) -> None:
    words = explain(Tried(problem), BOTH)
    assert words is not None
    assert part in words.advice


def test_without_a_tls_port_it_says_so() -> None:
    words = explain(Tried("tls_to_plain"), Addresses("ws://csms.example:9000/ocpp"))
    assert words is not None
    assert "ws://csms.example:9000/ocpp/CS-1" in words.advice


def test_a_success_needs_no_words() -> None:
    assert explain(Tried(None), BOTH) is None
