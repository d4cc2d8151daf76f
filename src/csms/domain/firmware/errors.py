"""What can go wrong with files, jobs and campaigns."""

from csms.kit.errors import Conflict, Forbidden, Invalid, NotFound


class FileNotFound(NotFound):
    """There is no such file."""

    code = "file_not_found"


class FileTooLarge(Invalid):
    """The file is too large."""

    code = "file_too_large"


class NoFile(Invalid):
    """There is no file in this upload."""

    code = "no_file"


class TooManyFiles(Conflict):
    """This job has had all the files it may."""

    code = "too_many_files"


class JobNotFound(NotFound):
    """There is no such job."""

    code = "job_not_found"


class WrongSecret(Forbidden):
    """This link is not valid, or not any more."""

    code = "wrong_secret"


class ImageNotFound(NotFound):
    """There is no such firmware image."""

    code = "firmware_image_not_found"


class ImageInUse(Conflict):
    """A campaign uses this firmware image."""

    code = "firmware_image_in_use"


class NotSigned(Invalid):
    """This image has no signing certificate and signature, so it cannot be sent signed."""

    code = "firmware_not_signed"


class UnusableSignature(Invalid):
    """A firmware is signed with a certificate in PEM and a signature in base64."""

    code = "unusable_signature"


class EmptyImage(Invalid):
    """There is nothing in this firmware image."""

    code = "empty_firmware_image"


class BackwardsStretch(Invalid):
    """The time from which is before the time until which."""

    code = "backwards_stretch"


class InvalidLocation(Invalid):
    """A location is an http, https, ftp, ftps or sftp URL of at most 512 characters."""

    code = "invalid_location"


class CampaignNotFound(NotFound):
    """There is no such campaign."""

    code = "campaign_not_found"


class CampaignState(Conflict):
    """A campaign in this state cannot do that."""

    code = "campaign_state"


class NoStations(Invalid):
    """No station matches this selection."""

    code = "no_stations"
