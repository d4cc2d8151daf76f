"""The certificate authority and the TLS of the stations' port, as the settings have them."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import structlog
from cryptography import x509

from csms.adapters.pki.authority import Authority, load_authority, own_authority
from csms.adapters.pki.files import CertificateFileUnusable, read_certificates
from csms.adapters.pki.revoked import RevocationLists
from csms.adapters.pki.tls import OwnFiles, StationTls
from csms.app.home import Home, read_key
from csms.app.settings import Settings, address
from csms.gateway import secure
from csms.kit.clock import Clock

log = structlog.get_logger(__name__)

REFRESH_S: Final = timedelta(hours=1).total_seconds()
LOOK_AT_LISTS_S: Final = 2.0
_EVERYWHERE: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104 - what a setting may say


class Pki:
    """Reads, or makes, keys and certificates when they are first needed."""

    def __init__(self, settings: Settings, home: Home, clock: Clock) -> None:
        self._settings = settings
        self._home = home
        self._clock = clock
        self._lock = asyncio.Lock()
        self._authority: Authority | None = None

    @property
    def folder(self) -> Path:
        return self._home.path / "pki"

    def secret(self) -> bytes:
        """What private keys are encrypted with."""
        file = self._settings.secret_file
        return read_key(file) if file is not None else self._home.secret()

    async def authority(self) -> Authority:
        async with self._lock:
            if self._authority is None:
                self._authority = await asyncio.to_thread(self._open)
            return self._authority

    def _open(self) -> Authority:
        settings = self._settings
        if settings.ca_certificate is not None and settings.ca_key is not None:
            return load_authority(settings.ca_certificate, settings.ca_key, self.secret())
        return own_authority(self.folder, self.secret(), self._clock.now())

    async def station_tls(self) -> "Tls":
        """TLS for the stations' port; raises CertificateFileUnusable."""
        authority = await self.authority()
        settings = self._settings
        files = None
        if settings.ocpp_tls_certificate is not None and settings.ocpp_tls_key is not None:
            files = OwnFiles(settings.ocpp_tls_certificate, settings.ocpp_tls_key)
        trusted = [Path(name) for name in split(settings.ocpp_tls_trusted)]

        def make() -> Tls:
            tls = StationTls(authority, self.folder, self.secret(), server_names(settings), files, trusted)
            tls.refresh(self._clock.now())
            lists = revocation_lists(settings, authority.certificate)
            lists.refresh()
            return Tls(tls, lists, self._clock)

        return await asyncio.to_thread(make)


class Tls:
    """The TLS of the stations' port, and the revocation lists, kept fresh while the server runs."""

    def __init__(self, tls: StationTls, lists: RevocationLists, clock: Clock) -> None:
        self._tls = tls
        self._lists = lists
        self._clock = clock
        self._trouble: str | None = None
        self.for_gateway = secure.StationTls(tls.context, tls.authority.certificate.subject, lists.listed)

    async def run(self) -> None:
        while True:
            await asyncio.sleep(REFRESH_S)
            try:
                if await asyncio.to_thread(self._tls.refresh, self._clock.now()):
                    log.info("the certificate of the stations' port was renewed")
            except CertificateFileUnusable as trouble:
                log.error("the certificate of the stations' port could not be renewed", reason=trouble.detail)

    async def watch_lists(self, changed: Callable[[], None]) -> None:
        """Read the revocation lists when their files change, and then call `changed`; old ones count until new ones are good."""
        while True:
            await asyncio.sleep(LOOK_AT_LISTS_S)
            try:
                fresh, trouble = await asyncio.to_thread(self._lists.refresh), None
            except CertificateFileUnusable as error:
                fresh, trouble = False, error.detail
            if trouble is not None and trouble != self._trouble:
                log.error("a revocation list cannot be used; what was read before counts on", reason=trouble)
            self._trouble = trouble
            if fresh:
                log.info("the revocation lists were read anew")
                changed()


def revocation_lists(settings: Settings, authority: x509.Certificate) -> RevocationLists:
    """Of the authorities that the settings trust; not read yet. Raises CertificateFileUnusable."""
    trusted = [one for name in split(settings.ocpp_tls_trusted) for one in read_certificates(Path(name))]
    files = [Path(name) for name in split(settings.ocpp_tls_revoked)]
    return RevocationLists(files, [authority, *trusted])


def split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def server_names(settings: Settings) -> list[str]:
    """What the certificate of the stations' port names: the setting, or what can be known; the first is the main one."""
    if settings.ocpp_tls_names:
        return split(settings.ocpp_tls_names)
    names = []
    if settings.ocpp_tls_url is not None and (host := urlsplit(settings.ocpp_tls_url).hostname):
        names.append(host)
    if settings.ocpp_tls is not None:
        host, _ = address(settings.ocpp_tls, "ocpp_tls")
        if host in _EVERYWHERE:
            with suppress(UnicodeError):
                names += [name for name in (socket.getfqdn(), socket.gethostname()) if name.isascii() and name]
        else:
            names.append(host)
            with suppress(ValueError):
                if ip_address(host).is_loopback:
                    names.append("localhost")
    return list(dict.fromkeys(names or ["localhost"]))
