"""Security profiles 0 to 3 at the door, over real TLS sockets (security white paper §2)."""

import asyncio
import socket
import ssl
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import InvalidMessage, InvalidStatus

from ...harness.certificates import DAY, TestAuthority, client_context
from .conftest import Open, TlsDoor

HANDSHAKE_ENDED = (ssl.SSLError, ConnectionError, InvalidMessage)


async def refused(door: TlsDoor, identity: str, **how: object) -> int:
    with pytest.raises(InvalidStatus) as refusal:
        await door.connect(identity, **how)
    return refusal.value.response.status_code


async def test_with_tls_and_its_password_a_station_has_profile_2(door: TlsDoor) -> None:
    password = await door.station("CS-1", profile=2)
    line = await door.connect("CS-1", password=password)
    assert (await line.boot())["status"] == "Accepted"
    link = await door.links("CS-1")
    assert (link["security_profile"], link["tls"]) == (2, "TLSv1.3")


async def test_with_its_certificate_it_has_profile_3_and_needs_no_password(door: TlsDoor) -> None:
    await door.station("CS-1", profile=3)
    line = await door.connect("CS-1", certificate=door.trusted.issue("CS-1"))
    assert (await line.boot())["status"] == "Accepted"
    assert (await door.links("CS-1"))["security_profile"] == 3


async def test_a_long_conversation_over_tls(door: TlsDoor) -> None:
    password = await door.station("CS-1")
    line = await door.connect("CS-1", password=password)
    for number in range(50):
        data = {"vendorId": "org.test", "messageId": "m", "data": f"{number}-{'x' * 20_000}"}
        assert (await line.call("DataTransfer", data))["status"] == "UnknownVendorId"


@pytest.mark.parametrize("profile", [2, 3])
async def test_below_its_profile_it_is_refused(door: TlsDoor, profile: int) -> None:
    password = await door.station("CS-1", profile=profile)
    with pytest.raises(InvalidStatus) as refusal:
        await door.plain("CS-1", password)
    assert refusal.value.response.status_code == 403
    [attempt] = await door.attempts("below_profile")
    assert (attempt["identity"], attempt["username"], attempt["tls"]) == ("CS-1", "CS-1", None)


async def test_profile_3_asks_for_the_certificate_even_from_who_knows_the_password(door: TlsDoor) -> None:
    password = await door.station("CS-1", profile=3)
    assert await refused(door, "CS-1", password=password) == 403
    [attempt] = await door.attempts("below_profile")
    assert attempt["tls"] == "TLSv1.3"


async def test_profile_1_wants_a_password_of_an_open_station(door: TlsDoor) -> None:
    await door.station("CS-1", profile=1, credential_kind="open", credential=None)
    with pytest.raises(InvalidStatus):
        await door.plain("CS-1")
    await door.attempts("below_profile")


async def test_a_wrong_password_is_refused_over_tls_too(door: TlsDoor) -> None:
    await door.station("CS-1", profile=2)
    assert await refused(door, "CS-1", password="0" * 40) == 401
    await door.attempts("wrong_password")


async def test_a_station_may_be_named_by_its_serial_number_or_an_alternative_name(door: TlsDoor) -> None:
    await door.station("CS-1", profile=3, serial_number="SN-42")
    await door.connect("CS-1", certificate=door.trusted.issue("SN-42"))
    await door.connect("CS-1", certificate=door.trusted.issue("whatever", names=("CS-1",)))


async def test_another_stations_certificate_is_refused(door: TlsDoor) -> None:
    await door.station("CS-1", profile=3)
    assert await refused(door, "CS-1", certificate=door.trusted.issue("CS-2")) == 403
    [attempt] = await door.attempts("certificate_misnamed")
    assert (attempt["identity"], attempt["certificate_subject"]) == ("CS-1", "CN=CS-2")


async def test_a_certificate_that_names_another_operator_is_refused(open_door: Open) -> None:
    door = await open_door(cpo_name="Blue Charging")
    await door.station("CS-1", profile=3)
    assert await refused(door, "CS-1", certificate=door.trusted.issue("CS-1", organisation="Red Charging")) == 403
    await door.connect("CS-1", certificate=door.trusted.issue("CS-1", organisation="Blue Charging"))


async def test_where_a_password_would_do_it_is_still_told_what_is_wrong_with_its_certificate(door: TlsDoor) -> None:
    await door.station("CS-1", profile=2)
    assert await refused(door, "CS-1", certificate=door.trusted.issue("CS-2")) == 403
    [attempt] = await door.attempts("certificate_misnamed")
    assert attempt["certificate_subject"] == "CN=CS-2"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize(("starts", "ends"), [(-3 * DAY, -DAY), (DAY, 2 * DAY)], ids=["expired", "not valid yet"])
async def test_a_certificate_out_of_its_time_is_refused(
    door: TlsDoor, version: ssl.TLSVersion, starts: timedelta, ends: timedelta
) -> None:
    await door.station("CS-1", profile=3)
    context = client_context(door.root, door.trusted.issue("CS-1", starts=starts, ends=ends))
    context.maximum_version = version
    with pytest.raises(HANDSHAKE_ENDED):
        await door.connect("CS-1", context=context)
    [attempt] = await door.attempts("certificate_expired")
    assert attempt["tls"] == version.name.replace("_", ".")
    assert (attempt["certificate_subject"], attempt["identity"]) == ("CN=CS-1", "CS-1")


async def test_a_foreign_certificate_is_refused_and_named(door: TlsDoor) -> None:
    """Nothing but TLS was spoken, and still it is known whose certificate it was."""
    await door.station("CS-1", profile=3)
    with pytest.raises(HANDSHAKE_ENDED):
        await door.connect("CS-1", certificate=door.foreign.issue("CS-1", organisation="Red Charging"))
    [attempt] = await door.attempts("certificate_foreign")
    assert (attempt["certificate_subject"], attempt["identity"]) == ("O=Red Charging,CN=CS-1", "CS-1")
    assert attempt["path"] is None


@pytest.mark.parametrize(
    "cipher",
    ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "AES128-GCM-SHA256", "AES256-GCM-SHA384"],
)
async def test_the_four_cipher_suites_of_the_white_paper(door: TlsDoor, cipher: str) -> None:
    """A00.FR.317."""
    password = await door.station("CS-1", profile=2)
    context = client_context(door.root)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(cipher)
    line = await door.connect("CS-1", password=password, context=context)
    assert line.connection.transport.get_extra_info("cipher")[0] == cipher
    assert (await door.links("CS-1"))["tls"] == "TLSv1.2"


async def test_weak_ciphers_are_refused(door: TlsDoor) -> None:
    context = client_context(door.root)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE-RSA-AES128-SHA256")
    with pytest.raises(HANDSHAKE_ENDED):
        await door.connect("CS-1", context=context)
    [attempt] = await door.attempts("no_common_cipher")
    assert (attempt["identity"], attempt["tls"]) == (None, "TLSv1.2")


def shake_hands(url: str, context: ssl.SSLContext) -> None:
    place = urlsplit(url)
    with socket.create_connection((place.hostname, place.port), timeout=15) as plain:
        context.wrap_socket(plain, server_hostname=place.hostname).close()


async def test_who_does_not_trust_us_says_so_with_an_alert(door: TlsDoor) -> None:
    assert door.server.ocpp_tls_url is not None
    with pytest.raises(ssl.SSLCertVerificationError):
        await asyncio.to_thread(shake_hands, door.server.ocpp_tls_url, client_context(door.foreign.path))
    [attempt] = await door.attempts("our_certificate_refused")
    assert "UNKNOWN_CA" in attempt["note"]


def hears(url: str, context: ssl.SSLContext) -> str:
    """What a station hears of the handshake: with TLS 1.3 behind its own part of it."""
    place = urlsplit(url)
    with (
        pytest.raises(ssl.SSLError) as ended,
        socket.create_connection((place.hostname, place.port), timeout=15) as plain,
        context.wrap_socket(plain, server_hostname=place.hostname) as secured,
    ):
        secured.recv(1)
    return ended.value.reason


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
async def test_a_station_hears_with_an_alert_what_it_can_report(door: TlsDoor) -> None:
    """A00.FR.315 and 322: InvalidTLSVersion and InvalidTLSCipherSuite are what it detects."""
    assert door.server.ocpp_tls_url is not None
    old, weak = client_context(door.root), client_context(door.root)
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    assert "PROTOCOL_VERSION" in await asyncio.to_thread(hears, door.server.ocpp_tls_url, old)
    weak.maximum_version = ssl.TLSVersion.TLSv1_2
    weak.set_ciphers("ECDHE-RSA-AES128-SHA256")
    assert "HANDSHAKE_FAILURE" in await asyncio.to_thread(hears, door.server.ocpp_tls_url, weak)
    [first, second] = await door.attempts("tls_too_old", "no_common_cipher")
    assert (first["tls"], second["tls"]) == ("TLSv1.1", "TLSv1.2")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_a_station_hears_with_an_alert_that_its_certificate_is_not_trusted(
    door: TlsDoor, version: ssl.TLSVersion
) -> None:
    assert door.server.ocpp_tls_url is not None
    context = client_context(door.root, door.foreign.issue("CS-1"))
    context.maximum_version = version
    assert "UNKNOWN_CA" in await asyncio.to_thread(hears, door.server.ocpp_tls_url, context)
    await door.attempts("certificate_foreign")


async def test_plain_http_to_the_tls_port_is_answered_in_plain_words(door: TlsDoor) -> None:
    await door.station("CS-1")
    assert door.server.ocpp_tls_url is not None
    with pytest.raises(InvalidStatus) as refusal:
        await door.open(door.server.ocpp_tls_url.replace("wss://", "ws://"), "CS-1", None)
    assert refusal.value.response.status_code == 400
    assert b"wss://" in (refusal.value.response.body or b"")
    await door.attempts("plain_to_tls")


async def test_tls_to_the_plain_port_is_recognised(door: TlsDoor) -> None:
    url = door.server.ocpp_url.replace("ws://", "wss://")
    with pytest.raises(HANDSHAKE_ENDED):
        await door.open(url, "CS-1", None, ssl=client_context(door.root))
    [attempt] = await door.attempts("tls_to_plain")
    assert attempt["tls"] == "TLSv1.3"


async def test_one_port_may_speak_both(open_door: Open) -> None:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{probe.getsockname()[1]}"
    door = await open_door(ocpp=place, ocpp_tls=place)
    assert door.server.ocpp_tls_url is not None
    assert door.server.ocpp_tls_url.removeprefix("wss") == door.server.ocpp_url.removeprefix("ws")
    password = await door.station("CS-1")
    await door.plain("CS-1", password)
    assert (await door.links("CS-1"))["security_profile"] == 1
    await door.connect("CS-1", password=password)
    assert (await door.links("CS-1"))["security_profile"] == 2


async def test_the_first_success_after_a_failure_is_kept(door: TlsDoor) -> None:
    password = await door.station("CS-1", profile=2)
    assert await refused(door, "CS-1", password="0" * 40) == 401
    await door.connect("CS-1", password=password)
    await door.attempts("wrong_password", None)
    await door.connect("CS-1", password=password)
    await door.attempts("wrong_password", None)


async def test_the_operators_own_certificate_is_served(open_door: Open, tmp_path: Path) -> None:
    operator = TestAuthority(tmp_path, "Operator CA")
    pair = operator.issue("csms.example", names=("csms.example", "localhost"))
    door = await open_door(ocpp_tls="localhost:0", ocpp_tls_certificate=pair.certificate, ocpp_tls_key=pair.key)
    password = await door.station("CS-1", profile=2)
    await door.connect("CS-1", password=password, context=client_context(operator.path))


async def test_our_keys_are_encrypted_and_ours_alone(door: TlsDoor) -> None:
    folder = door.root.parent
    keys = list(folder.glob("*.key"))
    assert len(keys) == 3
    for path in keys:
        assert path.read_text().startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert {oct(path.stat().st_mode & 0o777) for path in folder.iterdir()} == {"0o600"}
    assert oct(folder.stat().st_mode & 0o777) == "0o700"
