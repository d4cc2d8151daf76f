"""What can go wrong with id tokens."""

from csms.kit.errors import Conflict, Invalid, NotFound


class IdTokenNotFound(NotFound):
    """There is no such id token."""

    code = "id_token_not_found"


class IdTokenExists(Conflict):
    """There is an id token with this uid already; case does not tell them apart."""

    code = "id_token_exists"


class InvalidUid(Invalid):
    """A uid has 1 to 20 printable ASCII characters and no space at either end."""

    code = "invalid_uid"


class Repeated(Invalid):
    """This row repeats an earlier one."""

    code = "repeated"


class ImportRefused(Invalid):
    """Nothing was imported: some rows cannot be accepted."""

    code = "import_refused"
