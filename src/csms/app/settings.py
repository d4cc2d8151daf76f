"""Settings: read once, from the environment (`CSMS_*`), then `csms.toml`, then defaults; frozen from then on."""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from csms.kit.errors import Invalid

PREFIX: Final = "CSMS_"
STANDARD_ENDPOINT: Final = "OTEL_EXPORTER_OTLP_ENDPOINT"
SECRETS: Final = frozenset({"admin_password"})
ROLES: Final = ("gateway", "api", "jobs")
# Also where somebody forgot to encode what is in it, up to the next URL of a list; libpq takes passwords among the options, too.
_PASSWORD_IN_URL: Final = re.compile(r"(://[^:@/]*:)(?:(?!,\w+://).)*@|([?&](?:ssl)?password=)[^&]*")
_TOKEN_IN_URL: Final = re.compile(r"(://)[^:@/]+@")  # what stands there alone is a user, but for NATS
_ABOVE_ZERO: Final = (
    "heartbeat_interval_s", "registration_retry_s", "ping_interval_s", "lease_s", "handshakes_at_once",
    "tls_handshakes_at_once", "handshakes_waiting", "boots_per_s", "busy_after_s", "recorder_backlog_mib", "quiet_session_s",
)  # fmt: skip
_TRUE: Final = frozenset({"1", "true", "yes", "on"})
_FALSE: Final = frozenset({"0", "false", "no", "off"})


class BadSetting(Invalid):
    """A setting has a value that cannot be used."""

    code = "bad_setting"


def _setting(default: Any, words: str) -> Any:
    return field(default=default, metadata={"words": words})


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set; `csms config` prints what is in force."""

    data: Path = _setting(Path("data"), "directory of the database and the keys")
    database_url: str | None = _setting(None, "postgresql://… for PostgreSQL; without, SQLite in the data directory")
    bus_url: str | None = _setting(None, "nats://… when there are several processes; several servers with commas")
    bus_prefix: str = _setting("csms", "what subjects on the bus begin with, to tell installations apart")
    roles: str = _setting("gateway,api,jobs", "what this process does: gateway, api, jobs, or several with commas")
    name: str | None = _setting(None, "this process's name, unlike any other's; without, host and process id")
    station_key_file: Path | None = _setting(
        None, "the key of station passwords, the same in every process, if not in data"
    )
    monitor: str | None = _setting(None, "where health and metrics are served, HOST:PORT, besides the HTTP port's own")
    http: str = _setting("127.0.0.1:8080", "where people and scripts connect, HOST:PORT")
    ocpp: str = _setting("127.0.0.1:9000", "where charging stations connect, HOST:PORT")
    public_url: str | None = _setting(None, "the URL people reach the HTTP port at, if not directly")
    ocpp_url: str | None = _setting(None, "the URL stations reach the OCPP port at, without identity, if not directly")
    ocpp_tls: str | None = _setting(None, "where charging stations connect over TLS, HOST:PORT; may be that of ocpp")
    ocpp_tls_url: str | None = _setting(
        None, "the URL stations reach the TLS port at, without identity, if not directly"
    )
    ocpp_tls_names: str | None = _setting(
        None, "host names and addresses that the TLS port's certificate names, with commas; without, what is known"
    )
    ocpp_tls_certificate: Path | None = _setting(
        None, "your own certificate of the TLS port, PEM with its chain; without, our authority makes one"
    )
    ocpp_tls_key: Path | None = _setting(None, "the key of ocpp_tls_certificate")
    ocpp_tls_trusted: str = _setting(
        "", "PEM files, with commas, of further authorities whose station certificates are trusted"
    )
    ocpp_tls_revoked: str = _setting(
        "",
        "files, with commas, with the revocation lists (CRL, PEM or DER) of these authorities; read anew when they change",
    )
    ca_certificate: Path | None = _setting(
        None, "the authority that signs stations' certificates, PEM; without, ours, made in data (share it)"
    )
    ca_key: Path | None = _setting(None, "the key of ca_certificate")
    secret_file: Path | None = _setting(None, "what private keys are encrypted with, at least 32 bytes, if not in data")
    cpo_name: str | None = _setting(None, "the operator's name (CpoName) that must stand in stations' certificates")
    quirks: Path | None = _setting(
        None, "directory of your own quirk profiles, *.toml, read anew when they change; without, quirks in data"
    )
    unknown_stations: str = _setting("inbox", "inbox (refuse, but keep for adoption), accept, or refuse")
    heartbeat_interval_s: int = _setting(300, "seconds between the heartbeats of an accepted station")
    registration_retry_s: int = _setting(60, "seconds after which a pending or rejected station boots again")
    ping_interval_s: float = _setting(
        30.0, "seconds of silence after which a station is pinged; after two it is offline"
    )
    handshakes_at_once: int = _setting(1000, "stations that are let in at the same time; the next ones wait in line")
    tls_handshakes_at_once: int = _setting(100, "the same for TLS handshakes, which cost much more")
    handshakes_waiting: int = _setting(20_000, "stations that may wait in line; more are told to come again (HTTP 503)")
    handshakes_per_s: float = _setting(0.0, "stations let in a second at most; 0 is as fast as it goes")
    boots_per_s: float = _setting(2000.0, "boots accepted a second; more are Pending and come again, spread over time")
    busy_after_s: float = _setting(5.0, "boots are Pending, too, while commits take longer than so many seconds")
    recorder_backlog_mib: int = _setting(64, "MiB that may wait for a commit; more stays with the stations, unread")
    quiet_session_s: int = _setting(
        600, "seconds a connector is available, without a word of its session, after which that has ended"
    )
    allow_concurrent_sessions: bool = _setting(False, "whether an id token may charge at two places at once")
    authorize_without_database: str = _setting(
        "wait", "what a station hears of an id token while the database does not answer: wait, refuse or accept"
    )
    frames_days: int = _setting(0, "days after which stored frames may go; 0 keeps them for ever")
    readings_days: int = _setting(0, "days after which readings may go; 0 keeps them for ever")
    facts_days: int = _setting(0, "days after which facts that were relayed may go; 0 keeps them for ever")
    audit_days: int = _setting(0, "days after which entries of the audit trail may go; 0 keeps them for ever")
    lease_s: float = _setting(15.0, "seconds after which a process that is silent has lost its stations")
    drain_s: float = _setting(5.0, "seconds over which a stopping gateway spreads its farewells, when others go on")
    trusted_proxies: str = _setting(
        "", "addresses and networks of proxies in front, with commas, that say where connections come from"
    )
    map_tile_url: str | None = _setting(
        None, "where the console gets map tiles, https://HOST/{z}/{x}/{y}.png; without, its own small map"
    )
    secure_cookies: bool = _setting(False, "send cookies over HTTPS only (set it behind a TLS proxy)")
    admin_email: str | None = _setting(None, "e-mail address of the first administrator")
    admin_password: str | None = _setting(None, "password of the first administrator")
    otel_endpoint: str | None = _setting(
        None, "the OpenTelemetry collector that traces go to, http://HOST:4318; OTEL_EXPORTER_OTLP_ENDPOINT does, too"
    )
    log_level: str = _setting("info", "debug, info, warning or error")

    def __post_init__(self) -> None:
        _one_of("unknown_stations", self.unknown_stations, ("inbox", "accept", "refuse"))
        _one_of("authorize_without_database", self.authorize_without_database, ("wait", "refuse", "accept"))
        _one_of("log_level", self.log_level, ("debug", "info", "warning", "error"))
        for name in _ABOVE_ZERO:
            if getattr(self, name) <= 0:
                raise BadSetting(f"{name} must be more than 0.")
        for name in ("frames_days", "readings_days", "facts_days", "audit_days", "drain_s", "handshakes_per_s"):
            if getattr(self, name) < 0:
                raise BadSetting(f"{name} must not be less than 0.")
        address(self.http, "http")
        address(self.ocpp, "ocpp")
        for name in ("monitor", "ocpp_tls"):
            if getattr(self, name) is not None:
                address(getattr(self, name), name)
        for name, other in (("ocpp_tls_certificate", "ocpp_tls_key"), ("ca_certificate", "ca_key")):
            if (getattr(self, name) is None) != (getattr(self, other) is None):
                raise BadSetting(f"{name} and {other} come together.")
        if self.map_tile_url is not None:
            _check_tiles(self.map_tile_url)
        self._check_roles()
        self._check_proxies()
        if (self.admin_email is None) != (self.admin_password is None):
            raise BadSetting("admin_email and admin_password come together.")

    def _check_roles(self) -> None:
        for role in self.role_set:
            _one_of("roles", role, ROLES)
        if self.database_url is None and self.role_set != set(ROLES):
            raise BadSetting("Several processes need a shared database: set database_url.")
        if self.database_url is not None and not self.database_url.startswith(("postgresql://", "postgres://")):
            raise BadSetting("database_url must begin with postgresql://.")
        if self.bus_url is not None and not self.bus_url.startswith(("nats://", "tls://", "ws://", "wss://")):
            raise BadSetting("bus_url must begin with nats:// or tls://.")

    def _check_proxies(self) -> None:
        for network in self.proxies:
            try:
                ip_network(network)
            except ValueError as error:
                raise BadSetting(f"trusted_proxies: {error}.") from None

    @property
    def proxies(self) -> list[str]:
        return [part.strip() for part in self.trusted_proxies.split(",") if part.strip()]

    @property
    def role_set(self) -> frozenset[str]:
        return frozenset(role.strip() for role in self.roles.split(",") if role.strip())

    @property
    def alone(self) -> bool:
        """Whether this process is the whole system, as far as it knows."""
        return self.role_set == set(ROLES) and self.bus_url is None

    @property
    def keep_days(self) -> dict[str, int]:
        """How many days rows are kept, by table; 0 for ever."""
        return {
            "frames": self.frames_days,
            "readings": self.readings_days,
            "facts": self.facts_days,
            "audit_entries": self.audit_days,
        }

    def shown(self) -> dict[str, str]:
        """Every setting as text, secrets masked."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        return {
            name: ""
            if value is None
            else "********"
            if name in SECRETS
            else _masked(str(value), token=name == "bus_url")
            for name, value in values.items()
        }


def _masked(text: str, *, token: bool) -> str:
    text = _PASSWORD_IN_URL.sub(lambda found: f"{found[1]}********@" if found[1] else f"{found[2]}********", text)
    return _TOKEN_IN_URL.sub(r"\1********@", text) if token else text


def _check_tiles(url: str) -> None:
    """The console's content policy names the one host, so that must stand in the URL as it is."""
    parts = urlsplit(url)
    strange = set(parts.netloc) & set("{}*;, '\"")
    if (
        parts.scheme not in ("http", "https")
        or not parts.netloc
        or strange
        or not all(p in url for p in ("{z}", "{x}", "{y}"))
    ):
        raise BadSetting("map_tile_url must be like https://tiles.example.org/{z}/{x}/{y}.png.")


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise BadSetting(f"{name} is {value!r}; it may be {', '.join(allowed)}.")


def address(text: str, name: str) -> tuple[str, int]:
    """HOST:PORT as (host, port); the port may be 0 for a free one, the host in brackets for IPv6."""
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdigit() or int(port) > 65_535:
        raise BadSetting(f"{name} is {text!r}; it must look like 127.0.0.1:8080.")
    return host.strip("[]"), int(port)


def load(
    given: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    file: Path | None = None,
) -> Settings:
    """Settings from what was `given` on the command line (None is not given), the environment, a TOML file, defaults."""
    environment = os.environ if environment is None else environment
    known = {item.name: item for item in fields(Settings)}
    values: dict[str, Any] = {}
    path = file or Path(environment.get(f"{PREFIX}CONFIG", "csms.toml"))
    if file is not None or f"{PREFIX}CONFIG" in environment or path.exists():
        values |= _from_file(path, known)
    if STANDARD_ENDPOINT in environment:
        values["otel_endpoint"] = environment[STANDARD_ENDPOINT]
    values |= _from_environment(environment, known)
    values |= {name: value for name, value in (given or {}).items() if value is not None}
    return Settings(**{name: _convert(name, known[name].type, value) for name, value in values.items()})


def _from_environment(environment: Mapping[str, str], known: Mapping[str, Any]) -> dict[str, str]:
    """A misspelt setting is an error, not a silent default; `CSMS_TEST_*` are the tests' own."""
    values = {}
    for key, text in environment.items():
        if not key.startswith(PREFIX) or key == f"{PREFIX}CONFIG" or key.startswith(f"{PREFIX}TEST_"):
            continue
        name = key.removeprefix(PREFIX).lower()
        if name not in known:
            raise BadSetting(f"{key} is in the environment, but {name} is no setting; there are: {', '.join(known)}.")
        values[name] = text
    return values


def _from_file(path: Path, known: Mapping[str, Any]) -> dict[str, Any]:
    try:
        read = tomllib.loads(path.read_text())
    except OSError as error:
        raise BadSetting(f"{path} cannot be read: {error.strerror}.") from error
    except tomllib.TOMLDecodeError as error:
        raise BadSetting(f"{path} is not valid TOML: {error}.") from error
    for name in read:
        if name not in known:
            raise BadSetting(f"{path} sets {name}, which is no setting; there are: {', '.join(known)}.")
    return read


def _convert(name: str, kind: Any, value: Any) -> Any:
    try:
        if kind in (Path, Path | None):
            return Path(value)
        if kind is bool:
            return _truth(value)
        if kind in (int, float):
            return kind(value)
    except (TypeError, ValueError) as error:
        raise BadSetting(f"{name} is {value!r}, which is no {kind.__name__}.") from error
    return str(value)


def _truth(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    text = str(value).lower()
    if text not in _TRUE | _FALSE:
        raise ValueError(text)
    return text in _TRUE
