"""`csms doctor`: checks the server's own set-up and says in plain words what to mend. Changes nothing."""

import asyncio
import os
import shutil
import socket
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Final, Literal, NamedTuple
from urllib.parse import urlsplit

import typer
from cryptography import x509
from cryptography.exceptions import InvalidSignature

from csms.adapters.db import migrate
from csms.adapters.pki.files import CertificateFileUnusable, passphrase, read_certificates, read_key
from csms.adapters.pki.revoked import read_lists
from csms.adapters.pki.tls import RENEW_BEFORE, names_of
from csms.app.certificates import server_names, split
from csms.app.home import DataDirectoryUnusable, in_use
from csms.app.home import read_key as read_secret
from csms.app.settings import Settings, address, load
from csms.app.stores import looked_at
from csms.kit.clock import Clock, SystemClock
from csms.kit.errors import Conflict, Unavailable

Weight = Literal["good", "warning", "bad"]
_SIGNS: Final = {"good": "ok  ", "warning": "warn", "bad": "BAD "}
_FREE_BYTES: Final = 1 << 30
_LEAST_BYTES: Final = 100 << 20
_BUILT: Final = 2025  # a clock before this year is wrong


class Finding(NamedTuple):
    """What a check found; `advice` is empty when there is nothing to do."""

    weight: Weight
    what: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Patient:
    """What is examined."""

    settings: Settings
    clock: Clock


Check = Callable[[Patient], Iterator[Finding]]


def data_directory(patient: Patient) -> Iterator[Finding]:
    path = patient.settings.data
    if not path.exists():
        yield Finding("warning", f"{path} does not exist yet.", "It is made at the first start of `csms serve`.")
        return
    mode = stat.S_IMODE(path.stat().st_mode)
    if not os.access(path, os.W_OK | os.X_OK):
        yield Finding("bad", f"{path} cannot be written by this user.", "Give it to the user that runs the server.")
    elif mode & 0o077:
        yield Finding("warning", f"{path} can be read by others (mode {mode:o}).", f"Run: chmod 700 {path}")
    else:
        yield Finding("good", f"{path} belongs to its owner alone.")
    for key in (*path.glob("*.key"), *path.glob("pki/*.key"), *path.glob("csms.db*")):
        if stat.S_IMODE(key.stat().st_mode) & 0o077:
            yield Finding("bad", f"{key} can be read by others.", f"Run: chmod 600 {key}")


def disk(patient: Patient) -> Iterator[Finding]:
    path = patient.settings.data.absolute()
    there = next(place for place in (path, *path.parents) if place.exists())
    free = shutil.disk_usage(there).free
    size = f"{free / (1 << 30):.1f} GiB" if free >= 1 << 30 else f"{free >> 20} MiB"
    said = f"{size} are free on the disk of {patient.settings.data}."
    if free < _LEAST_BYTES:
        yield Finding("bad", said, "Make room now: without it the server refuses what stations send.")
    elif free < _FREE_BYTES:
        yield Finding("warning", said, "Make room soon, or set frames_days and readings_days.")
    else:
        yield Finding("good", said)


def clock(patient: Patient) -> Iterator[Finding]:
    now = patient.clock.now()
    if now.year < _BUILT:
        yield Finding("bad", f"The clock says {now:%Y-%m-%d}.", "Set it: stations take their time from here.")
        return
    newest = patient.settings.data / "csms.db"
    if newest.exists() and newest.stat().st_mtime > now.timestamp() + 300:
        yield Finding("bad", "The database was written in the future, so the clock was put back.", "Check the clock.")
    zone = time.tzname[0]
    yield Finding("good", f"The clock says {now:%Y-%m-%d %H:%M:%S} UTC (this machine's zone is {zone}).")


def database(patient: Patient) -> Iterator[Finding]:
    settings = patient.settings
    if settings.database_url is not None:
        yield from _postgres(settings)
        return
    path = settings.data / "csms.db"
    if not path.exists():
        yield Finding("warning", "There is no database yet.", "It is made at the first start of `csms serve`.")
        return
    examined = migrate.examine_sqlite(path)
    if examined.unusable is not None:
        yield Finding(
            "bad", f"The database cannot be used at present: {examined.unusable}.",
            "Perhaps another program holds it, its disk is full, or this user may not write there. It need not be damaged.",
        )  # fmt: skip
    elif examined.damaged is not None:
        yield Finding("bad", f"The database is damaged: {examined.damaged}.", "Stop the server and restore a backup.")
    elif examined.shape is not None:
        yield _shape(examined.shape)
    else:
        yield Finding("good", "The database is sound.")


def _shape(trouble: Conflict) -> Finding:
    if isinstance(trouble, migrate.NewerDatabase):
        return Finding("bad", "A newer version of csms made this database.", "Run that version, or restore a backup.")
    return Finding("warning", "The database has the shape of an older version.", "Run: csms db upgrade")


def _postgres(settings: Settings) -> Iterator[Finding]:
    """Every host that the URL names, and whether one of them takes us."""
    assert settings.database_url is not None
    hosts = urlsplit(settings.database_url).netloc.rpartition("@")[2]
    places = [urlsplit(f"//{host}") for host in hosts.split(",")] if hosts else []
    answers = [one for it in places for one in _reachable("database", it.hostname or "localhost", it.port or 5432)]
    yield from answers
    if answers and all(one.weight == "bad" for one in answers):
        return
    try:
        asyncio.run(_looked_at(settings))
    except migrate.OldDatabase as trouble:
        old = _shape(trouble)
        yield old if settings.alone else old._replace(weight="bad", what=f"{old.what} Nothing starts on it.")
    except Conflict as trouble:
        yield _shape(trouble)
    except Unavailable as trouble:
        said = f"The database does not take us: {trouble.facts.get('reason', trouble.detail)}"
        yield Finding("bad", f"{said.rstrip('.')}.", "Correct database_url, or start the database.")
    else:
        yield Finding("good", "The database takes us, and has the shape that this version needs.")


async def _looked_at(settings: Settings) -> None:
    async with looked_at(settings):
        pass


def bus(patient: Patient) -> Iterator[Finding]:
    for url in split(patient.settings.bus_url or ""):
        place = urlsplit(url)
        yield from _reachable("bus", place.hostname or "localhost", place.port or 4222)


def _reachable(what: str, host: str, port: int) -> Iterator[Finding]:
    try:
        socket.create_connection((host, port), timeout=3).close()
    except OSError as error:
        yield Finding("bad", f"The {what} at {host}:{port} does not answer: {error}.", "Start it, or correct its URL.")
    else:
        yield Finding("good", f"The {what} at {host}:{port} answers.")


def ports(patient: Patient) -> Iterator[Finding]:
    settings = patient.settings
    ours = settings.database_url is not None or in_use(settings.data)
    places = {"people (http)": settings.http, "stations (ocpp)": settings.ocpp}
    if settings.ocpp_tls is not None and settings.ocpp_tls != settings.ocpp:
        places["stations over TLS (ocpp_tls)"] = settings.ocpp_tls
    for what, place in places.items():
        host, port = address(place, what)
        if port == 0:
            yield Finding("good", f"The port for {what} is chosen at every start.")
        else:
            yield _port(what, host, port, ours=ours)


def _port(what: str, host: str, port: int, *, ours: bool) -> Finding:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            return Finding("bad", f"This user may not listen on port {port} for {what}.", "Choose one above 1023.")
        except OSError as error:
            if _listens(host, port):
                if not ours:
                    said = (
                        f"Another program listens at {host}:{port} for {what}: no server runs on this data directory."
                    )
                    return Finding("bad", said, "End it, or choose another port.")
                return Finding("good", f"Somebody listens at {host}:{port} for {what}: this server, if it runs.")
            return Finding("bad", f"{host}:{port} for {what} cannot be used: {error.strerror}.", "Correct the setting.")
    return Finding("good", f"{host}:{port} for {what} is free; nobody listens there.")


def _listens(host: str, port: int) -> bool:
    try:
        socket.create_connection((host if host not in ("0.0.0.0", "::") else "localhost", port), timeout=3).close()  # noqa: S104
    except OSError:
        return False
    return True


def certificates(patient: Patient) -> Iterator[Finding]:
    settings = patient.settings
    folder = settings.data / "pki"
    if settings.ca_certificate is not None and settings.ca_key is not None:
        yield from _pair("authority", settings.ca_certificate, settings.ca_key, patient)
    elif (folder / "root.pem").exists():
        yield from _pair("authority", folder / "root.pem", folder / "root.key", patient)
    for name in split(settings.ocpp_tls_trusted):
        yield from _certificate("trusted authority", Path(name), patient)
    yield from _lists(patient)
    if settings.ocpp_tls is None:
        yield Finding(
            "warning", "There is no TLS port for stations.",
            "On the internet stations need it (security profiles 2 and 3): set ocpp_tls.",
        )  # fmt: skip
        return
    if settings.ocpp_tls_certificate is not None and settings.ocpp_tls_key is not None:
        yield from _pair("TLS port", settings.ocpp_tls_certificate, settings.ocpp_tls_key, patient)
        yield from _named(settings.ocpp_tls_certificate, settings)
    for path in sorted(folder.glob("server-*.pem")) if settings.ocpp_tls_certificate is None else ():
        yield from _pair("TLS port", path, path.with_suffix(".key"), patient)


def _lists(patient: Patient) -> Iterator[Finding]:
    for name in split(patient.settings.ocpp_tls_revoked):
        path = Path(name)
        try:
            ends = min(one.next_update_utc or datetime.max.replace(tzinfo=UTC) for one in read_lists(path))
        except CertificateFileUnusable as trouble:
            yield Finding("bad", trouble.detail, "Restore the file, or correct ocpp_tls_revoked.")
            continue
        if ends <= patient.clock.now():
            said = f"The revocation list {path.name} should have been renewed by {ends:%Y-%m-%d %H:%M} UTC."
            yield Finding("bad", said, "It still counts; fetch the authority's newest one.")
        else:
            yield Finding("good", f"The revocation list {path.name} is current until {ends:%Y-%m-%d}.")


def _pair(what: str, certificate: Path, key: Path, patient: Patient) -> Iterator[Finding]:
    yield from _certificate(what, certificate, patient)
    try:
        private = read_key(key, passphrase(_secret(patient.settings)))
        if read_certificates(certificate)[0].public_key() != private.public_key():
            yield Finding("bad", f"{key} is not the key of {certificate}.", "Put the pair that belongs together.")
    except (CertificateFileUnusable, DataDirectoryUnusable) as trouble:
        yield Finding("bad", trouble.detail, "Restore the file, or correct the setting.")


def _secret(settings: Settings) -> bytes:
    return read_secret(settings.secret_file or settings.data / "secret.key")


def _certificate(what: str, path: Path, patient: Patient) -> Iterator[Finding]:
    try:
        chain = read_certificates(path)
    except CertificateFileUnusable as trouble:
        yield Finding("bad", trouble.detail, "Restore the file, or correct the setting.")
        return
    now = patient.clock.now()
    ends = min(one.not_valid_after_utc for one in chain)
    said = f"The {what}'s certificate {path.name} is valid until {ends:%Y-%m-%d}."
    if ends <= now or any(one.not_valid_before_utc > now for one in chain):
        yield Finding("bad", f"The {what}'s certificate {path.name} is not valid today.", "Renew it, or set the clock.")
    elif ends - now < RENEW_BEFORE:
        yield Finding("warning", said, "Renew it now.")
    else:
        yield Finding("good", said)
    for lower, upper in pairwise(chain):
        if not _signed(lower, upper):
            yield Finding(
                "bad", f"The chain in {path.name} is broken.", "Each certificate must follow the one it signed."
            )


def _signed(lower: x509.Certificate, upper: x509.Certificate) -> bool:
    try:
        lower.verify_directly_issued_by(upper)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _named(path: Path, settings: Settings) -> Iterator[Finding]:
    named = names_of(path)
    missing = [name for name in server_names(settings)[:1] if name not in named]
    if missing:
        yield Finding(
            "warning", f"{path.name} names {', '.join(named) or 'nobody'}, but stations connect to {missing[0]}.",
            "Set ocpp_tls_url to a name that the certificate has, or get one that names this." if named
            else "Get a certificate that names this.",
        )  # fmt: skip


def station_urls(patient: Patient) -> Iterator[Finding]:
    settings = patient.settings
    for scheme, given, place in (
        ("ws", settings.ocpp_url, settings.ocpp),
        ("wss", settings.ocpp_tls_url, settings.ocpp_tls),
    ):
        if place is None:
            continue
        name = "ocpp_url" if scheme == "ws" else "ocpp_tls_url"
        trouble = [] if given is None else list(_url(name, given, ("ws", "wss") if scheme == "ws" else ("wss",)))
        if trouble:
            yield from trouble
            continue
        url = given or f"{scheme}://{place}/ocpp"
        host = urlsplit(url).hostname or ""
        said = f"Stations connect to {url.rstrip('/')}/<identity>"
        if given is None and host in ("0.0.0.0", "::"):  # noqa: S104 - what a setting may say
            yield Finding("warning", f"{said}, at whatever address this machine has.", f"Set {name} to say which.")
        elif host in ("127.0.0.1", "localhost", "::1"):
            yield Finding(
                "warning",
                f"{said}, from this machine alone.",
                f"Let it listen elsewhere: 0.0.0.0:{place.rpartition(':')[2]}",
            )
        else:
            yield Finding("good", f"{said}.")


def people_url(patient: Patient) -> Iterator[Finding]:
    """What links for people, and stations that fetch firmware, begin with."""
    given = patient.settings.public_url
    if given is None:
        yield Finding("good", "Links begin with whatever URL a request came to.")
        return
    trouble = list(_url("public_url", given, ("http", "https")))
    yield from trouble or (Finding("good", f"Links begin with {given}."),)


def _url(name: str, given: str, schemes: tuple[str, ...]) -> Iterator[Finding]:
    """Whether a URL can be one at all, and its host is known here."""
    try:
        place = urlsplit(given)
        host, _ = place.hostname, place.port
    except ValueError as error:
        yield Finding("bad", f"{name} is no URL ({given}): {error}.", "Correct the setting.")
        return
    if place.scheme not in schemes or not host:
        ways = " or ".join(f"{scheme}://HOST" for scheme in schemes)
        yield Finding("bad", f"{name} is {given}; it must begin with {ways}.", "Correct the setting.")
        return
    try:
        socket.getaddrinfo(host, None)
    except OSError as error:
        yield Finding(
            "warning", f"The name {host} of {name} is not known here: {error.strerror}.", "Correct it, or your DNS."
        )


CHECKS: Final[tuple[tuple[str, Check], ...]] = (
    ("Data directory", data_directory), ("Disk", disk), ("Clock", clock), ("Database", database), ("Bus", bus),
    ("Ports", ports), ("Certificates", certificates), ("Where stations connect", station_urls),
    ("Where people connect", people_url),
)  # fmt: skip


def examine(settings: Settings, now: Clock) -> Iterator[tuple[str, Finding]]:
    patient = Patient(settings, now)
    for name, check in CHECKS:
        for finding in check(patient):
            yield name, finding


def doctor(
    data: Annotated[Path | None, typer.Option(help="Directory of the database and the keys.")] = None,
    config: Annotated[Path | None, typer.Option(help="A TOML file with settings.")] = None,
) -> None:
    """Check this server's set-up: directory, disk, clock, database, ports, certificates, URLs. Exit code 1 if something is bad."""
    worst, last = "good", ""
    for name, finding in examine(load({"data": data}, file=config), SystemClock()):
        if name != last:
            print(name)
            last = name
        print(f"  {_SIGNS[finding.weight]}  {finding.what}")
        if finding.advice:
            print(f"        {finding.advice}")
        if finding.weight == "bad":
            worst = "bad"
    if worst == "bad":
        raise typer.Exit(1)
