"""The certificate authority and the TLS of the stations' port, as the settings have them."""

import asyncio
import socket
from contextlib import suppress
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import structlog

from csms.adapters.pki.authority import Authority, load_authority, own_authority
from csms.adapters.pki.files import CertificateFileUnusable
from csms.adapters.pki.tls import OwnFiles, StationTls
from csms.app.home import Home, read_key
from csms.app.settings import Settings, address
from csms.gateway import secure
from csms.kit.clock import Clock

log = structlog.get_logger(__name__)

REFRESH_S: Final = timedelta(hours=1).total_seconds()
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

        def make() -> StationTls:
            tls = StationTls(authority, self.folder, self.secret(), server_names(settings), files, trusted)
            tls.refresh(self._clock.now())
            return tls

        return Tls(await asyncio.to_thread(make), self._clock)


class Tls:
    """The TLS of the stations' port, renewed while the server runs."""

    def __init__(self, tls: StationTls, clock: Clock) -> None:
        self._tls = tls
        self._clock = clock
        self.for_gateway = secure.StationTls(tls.context, tls.authority.certificate.subject)

    async def run(self) -> None:
        while True:
            await asyncio.sleep(REFRESH_S)
            try:
                if await asyncio.to_thread(self._tls.refresh, self._clock.now()):
                    log.info("the certificate of the stations' port was renewed")
            except CertificateFileUnusable as trouble:
                log.error("the certificate of the stations' port could not be renewed", reason=trouble.detail)


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
