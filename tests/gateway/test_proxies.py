"""Behind proxies: where stations come from, and over what."""

import struct
from ipaddress import ip_address

import httpx
import pytest

from csms.app.settings import BadSetting, Settings
from csms.domain.stations.credentials import seal_generated
from csms.gateway.proxies import BadPreface, Preface, Proxies, preface
from csms.kit.ids import station_password

from ..harness.server import add_station, rows
from ..harness.waiting import until
from .conftest import Connect, Serve
from .test_door import UPGRADE, answer_to, basic, refused, tcp

SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
HEAD = UPGRADE.format(identity="A", more="Sec-WebSocket-Protocol: ocpp1.6\r\n").encode()


def version_2(source: str, port: int, *, command: int = 0x21, more: bytes = b"") -> bytes:
    address = ip_address(source)
    target = ip_address("127.0.0.1" if address.version == 4 else "::1")
    body = address.packed + target.packed + struct.pack("!HH", port, 9000) + more
    family = 0x11 if address.version == 4 else 0x21
    return SIGNATURE + bytes([command, family]) + struct.pack("!H", len(body)) + body


@pytest.mark.parametrize(
    ("said", "address"),
    [
        (b"PROXY TCP4 203.0.113.7 127.0.0.1 51000 9000\r\n", "203.0.113.7:51000"),
        (b"PROXY TCP6 2001:db8::7 ::1 51000 9000\r\n", "[2001:db8::7]:51000"),
        (version_2("203.0.113.7", 51000), "203.0.113.7:51000"),
        (version_2("2001:db8::7", 51000, more=b"\x04\x00\x01x"), "[2001:db8::7]:51000"),
    ],
)
async def test_the_proxy_protocol_says_where_a_station_comes_from(serve: Serve, said: bytes, address: str) -> None:
    server = await serve(trusted_proxies="192.0.2.0/24, 127.0.0.1")
    await add_station(server.context.database, "A")
    async with tcp(server) as (reader, writer):
        for byte in said + HEAD:  # however it is cut
            writer.write(bytes([byte]))
        assert b"101 Switching Protocols" in await reader.readuntil(b"\r\n\r\n")
        await server.recorder.drained()
        assert [link["address"] for link in await rows(server.context.database, "links")] == [address]


@pytest.mark.parametrize("said", [b"PROXY UNKNOWN\r\n", version_2("127.0.0.1", 1, command=0x20), b""])
async def test_a_proxy_may_speak_for_itself(serve: Serve, said: bytes) -> None:
    server = await serve(trusted_proxies="127.0.0.1")
    assert (await answer_to(server, said + b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")).startswith("HTTP/1.1 426 ")


@pytest.mark.parametrize(
    "said", [b"PROXY TCP4 nowhere 127.0.0.1 1 2\r\n", b"PROXY TCP9 a b 1 2\r\n", b"PROXY " + b"x" * 200]
)
async def test_what_only_begins_like_the_proxy_protocol_is_refused(serve: Serve, said: bytes) -> None:
    server = await serve(trusted_proxies="127.0.0.1")
    assert (await answer_to(server, said)).startswith("HTTP/1.1 400 ")


async def test_strangers_do_not_say_where_they_come_from(serve: Serve, connect: Connect) -> None:
    server = await serve(trusted_proxies="192.0.2.1")
    await add_station(server.context.database, "A")
    await connect(server, "A", additional_headers={"X-Forwarded-For": "203.0.113.7"})
    await server.recorder.drained()
    assert (await rows(server.context.database, "links"))[0]["address"].startswith("127.0.0.1:")
    assert (await answer_to(server, version_2("203.0.113.7", 1) + HEAD)).startswith("HTTP/1.1 400 ")


async def test_a_proxy_that_ends_tls_names_the_station_s_address_and_vouches_for_the_encryption(
    serve: Serve, connect: Connect
) -> None:
    server = await serve(trusted_proxies="127.0.0.1,10.0.0.0/8")
    password = station_password()
    sealed = seal_generated(server.context.station_key, "A", password)
    await add_station(
        server.context.database, "A", credential_kind=sealed.kind, credential=sealed.sealed, security_profile=2
    )
    assert await refused(server, connect, "A", additional_headers=basic("A", password)) == 403
    forwarded = {"X-Forwarded-For": "198.51.100.1, 203.0.113.7, 10.0.0.4", "X-Forwarded-Proto": "https"}
    await connect(server, "A", additional_headers=basic("A", password) | forwarded)
    await server.recorder.drained()
    (link,) = await rows(server.context.database, "links")
    assert (link["address"], link["security_profile"], link["tls"]) == ("203.0.113.7", 2, "ended by proxy")


async def test_a_failed_attempt_is_kept_with_the_station_s_own_address(serve: Serve, connect: Connect) -> None:
    server = await serve(trusted_proxies="127.0.0.1")
    headers = basic("NEW", "x") | {"X-Forwarded-For": "203.0.113.7"}
    assert await refused(server, connect, "NEW", additional_headers=headers) == 404
    attempts = await until(lambda: rows(server.context.database, "connection_attempts"))
    assert [(attempt["host"], attempt["address"]) for attempt in attempts] == [("203.0.113.7", "203.0.113.7")]


@pytest.mark.parametrize(
    ("said", "origin"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("forged, 203.0.113.7, 10.1.2.3", "203.0.113.7"),
        ("198.51.100.1,[2001:db8::7]", "2001:db8::7"),
        ("10.1.2.3", "10.1.2.3"),  # nobody else was named: from the proxies' own network
        ("10.1.2.3, 10.4.5.6", "10.1.2.3"),
        ("203.0.113.7, unknown", None),
        ("", None),
    ],
)
def test_the_last_address_that_is_no_proxy_of_ours_counts(said: str, origin: str | None) -> None:
    assert Proxies.of("10.0.0.0/8, ::1").origin(said) == origin


def test_proxies_are_told_by_address_in_either_notation() -> None:
    proxies = Proxies.of("10.0.0.0/8,::1")
    assert [host for host in ("10.9.9.9", "::ffff:10.9.9.9", "::1", "11.0.0.1", "unknown") if proxies.trust(host)] == [
        "10.9.9.9", "::ffff:10.9.9.9", "::1",
    ]  # fmt: skip
    assert not Proxies.of("").trust("127.0.0.1")


def test_a_preface_may_be_incomplete_or_wrong() -> None:
    whole = version_2("203.0.113.7", 51000)
    assert [preface(whole[:n]) for n in range(1, len(whole))] == [None] * (len(whole) - 1)
    assert preface(whole + b"GET") == Preface("203.0.113.7", 51000, len(whole))
    with pytest.raises(BadPreface):
        preface(whole[:12] + b"\x2f" + whole[13:])


def test_nonsense_is_no_proxy() -> None:
    with pytest.raises(BadSetting, match="trusted_proxies"):
        Settings(trusted_proxies="10.0.0.0/8, proxy.example")


@pytest.mark.parametrize(("trusted", "address"), [("127.0.0.1", "203.0.113.7"), ("192.0.2.1", "127.0.0.1")])
async def test_people_come_through_the_same_proxies(serve: Serve, trusted: str, address: str) -> None:
    person = {"email": "ana@example.org", "password": "three random words"}
    server = await serve(trusted_proxies=trusted, admin_email=person["email"], admin_password=person["password"])
    async with httpx.AsyncClient(base_url=server.http_url, trust_env=False) as client:
        answer = await client.post("/api/v1/sign-in", json=person, headers={"X-Forwarded-For": "203.0.113.7"})
    assert answer.status_code == 200, answer.text
    (session,) = await rows(server.context.database, "web_sessions")
    assert session["address"] == address
