"""How a station proves who it is, and which security profile its connection has (security white paper §2)."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

from csms.domain.certificates.admission import Issued
from csms.domain.stations.admission import Admitted
from csms.domain.stations.credentials import (
    CHOSEN,
    GENERATED,
    OPEN,
    Credential,
    check_chosen,
    check_generated,
    fingerprint,
)
from csms.gateway.peer import PeerCertificate, Shown
from csms.gateway.secure import Line, StationTls
from csms.gateway.upgrade import (
    BelowProfile,
    CertificateRefused,
    NoPassword,
    UpgradeRequest,
    WrongPassword,
    WrongUser,
)
from csms.kit.clock import Clock

REMEMBERED_PASSWORDS: Final = 100_000
WITH_CERTIFICATE: Final = 3
WITH_TLS: Final = 2
WITH_PASSWORD: Final = 1


class Proof(NamedTuple):
    """The profile of a connection, and the certificate that proves it.

    `next_password` says that it showed the password it was given last.
    """

    profile: int
    next_password: bool = False
    shown: Shown | None = None


class Prover:
    """Checks passwords and certificates.

    `key` is the key of the hashes of generated passwords; the issuer of `tls` signs the certificates that `issued` knows by
    fingerprint; `organisation` must stand in those that others signed (A00.FR.404), if it is given.
    """

    def __init__(
        self,
        key: bytes,
        clock: Clock,
        issued: Callable[[str], Awaitable[Issued | None]],
        tls: StationTls | None = None,
        organisation: str | None = None,
    ) -> None:
        self._key = key
        self._clock = clock
        self._issued = issued
        self._tls = tls
        self._organisation = organisation
        self._good: dict[tuple[str, str], None] = {}  # fingerprints of chosen passwords that argon2 found good
        self._argon = asyncio.Semaphore(2)

    async def prove(self, station: Admitted, request: UpgradeRequest, line: Line) -> Proof:
        """What the connection is worth; raises a Refusal when it proves nothing or too little."""
        required, refusal = station.security_profile, None
        if line.certificate is not None:
            refusal = await self._objection(station, request.identity, line.certificate)
            if refusal is None:
                return Proof(WITH_CERTIFICATE, shown=line.certificate.shown)
            if required >= WITH_CERTIFICATE:
                raise refusal
        elif required >= WITH_CERTIFICATE:
            raise BelowProfile(required)
        try:
            proof = await self._by_password(station, request, secured=line.tls is not None)
        except NoPassword:  # its certificate is then all it had to show
            raise refusal or NoPassword from None
        if proof.profile < required:
            raise BelowProfile(required)
        return proof

    async def _by_password(self, station: Admitted, request: UpgradeRequest, *, secured: bool) -> Proof:
        profile = WITH_TLS if secured else WITH_PASSWORD
        if request.username == request.identity:
            upcoming = station.next_credential
            if upcoming is not None and await self._matches(upcoming, request):
                return Proof(profile, next_password=True)
            if station.credential.kind != OPEN and await self._matches(station.credential, request):
                return Proof(profile)
        if station.credential.kind == OPEN:
            return Proof(0)
        if request.username is None:
            raise NoPassword
        raise WrongPassword if request.username == request.identity else WrongUser

    # -- passwords ----------------------------------------------------------------------------------------------------

    async def _matches(self, credential: Credential, request: UpgradeRequest) -> bool:
        """A chosen password goes through argon2 only when it is new to us."""
        if credential.kind == GENERATED:
            return any(check_generated(credential, self._key, request.identity, form) for form in request.passwords)
        return credential.kind == CHOSEN and await self._matches_chosen(credential, request)

    async def _matches_chosen(self, credential: Credential, request: UpgradeRequest) -> bool:
        password = next(iter(request.passwords), "")
        known = (credential.sealed or "", fingerprint(self._key, request.identity, password))
        if known in self._good:
            return True
        async with self._argon:
            good = await asyncio.to_thread(check_chosen, credential, password)
        if good:
            if len(self._good) >= REMEMBERED_PASSWORDS:
                del self._good[next(iter(self._good))]
            self._good[known] = None
        return good

    # -- certificates -------------------------------------------------------------------------------------------------

    async def _objection(
        self, station: Admitted, identity: str, certificate: PeerCertificate
    ) -> CertificateRefused | None:
        """What speaks against a certificate whose path is good; None when it is this station's."""
        if certificate.not_after <= self._clock.now():
            return CertificateRefused("certificate_expired", "This certificate has expired.")
        if self._tls is not None and self._tls.listed(certificate.path):
            return CertificateRefused("certificate_revoked", "This certificate has been revoked by its authority.")
        if self._tls is not None and certificate.issuer == self._tls.issuer:
            return self._of_ours(station, await self._issued(certificate.fingerprint))
        if not certificate.names & {identity, station.serial_number}:
            return CertificateRefused("certificate_misnamed", "This certificate does not name this charging station.")
        if self._organisation is not None and self._organisation not in certificate.organisations:
            return CertificateRefused("certificate_misnamed", "This certificate does not name the operator.")
        return None

    @staticmethod
    def _of_ours(station: Admitted, issued: Issued | None) -> CertificateRefused | None:
        if issued is None:
            return CertificateRefused("certificate_foreign", "This certificate is not among those that were issued.")
        if issued.revoked or issued.station_id is None:
            return CertificateRefused("certificate_revoked", "This certificate has been revoked.")
        if issued.station_id != station.station_id:
            return CertificateRefused("certificate_misnamed", "This certificate belongs to another charging station.")
        return None
