"""What can go wrong with locations and stations."""

from csms.kit.errors import Conflict, Invalid, NotFound


class LocationNotFound(NotFound):
    """There is no such location."""

    code = "location_not_found"


class LocationInUse(Conflict):
    """This location still has stations; move or delete them first."""

    code = "location_in_use"


class UnknownLocation(Invalid):
    """There is no location with this id."""

    code = "unknown_location"


class UnknownOrganisation(Invalid):
    """There is no organisation with this id."""

    code = "unknown_organisation"


class NoOrganisation(Conflict):
    """A location belongs to an organisation, and there is none yet; create one first."""

    code = "no_organisation"


class StationNotFound(NotFound):
    """There is no such station."""

    code = "station_not_found"


class StationExists(Conflict):
    """There is a station with this identity already."""

    code = "station_exists"


class StationInUse(Conflict):
    """This station has sessions, which are never deleted; set its registration to rejected to put it out of use."""

    code = "station_in_use"


class EvseNotFound(NotFound):
    """This station has no such evse; it tells of them when it connects."""

    code = "evse_not_found"


class ConnectorNotFound(NotFound):
    """This station has no such connector; it tells of them when it connects."""

    code = "connector_not_found"


class NotInInbox(NotFound):
    """The inbox has no unknown station of this identity."""

    code = "not_in_inbox"


class InvalidIdentity(Invalid):
    """An identity has 1 to 48 printable ASCII characters, without slash and colon, and no space at either end."""

    code = "invalid_identity"


class InvalidTimeZone(Invalid):
    """A time zone is an IANA name such as Europe/Berlin."""

    code = "invalid_time_zone"


class InvalidCountry(Invalid):
    """A country is an ISO 3166-1 alpha-2 code such as DE."""

    code = "invalid_country"


class InvalidCoordinates(Invalid):
    """Coordinates are a latitude (-90 to 90) and a longitude (-180 to 180), both or neither."""

    code = "invalid_coordinates"


class InvalidText(Invalid):
    """A text may not contain control characters."""

    code = "invalid_text"


class AmbiguousCredential(Invalid):
    """A station has a password or is open, not both."""

    code = "ambiguous_credential"


class ImportRefused(Invalid):
    """Nothing was imported: some rows cannot be accepted."""

    code = "import_refused"
