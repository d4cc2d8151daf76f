"""What can go wrong with certificates."""

from csms.kit.errors import Conflict, Invalid, NotFound


class CertificateNotFound(NotFound):
    """There is no such certificate."""

    code = "certificate_not_found"


class NothingToRevoke(Conflict):
    """This request never got a certificate, or it is revoked already."""

    code = "nothing_to_revoke"


class NotACertificate(Invalid):
    """This is no certificate in PEM, or it is longer than a station takes."""

    code = "not_a_certificate"
