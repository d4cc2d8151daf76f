"""What a vendor's message is answered with."""

from typing import Literal, NamedTuple


class Answer(NamedTuple):
    """A status of OCPP 1.6 §7.22, and data for the station if there is any."""

    status: Literal["Accepted", "Rejected", "UnknownMessageId", "UnknownVendorId"]
    data: str | None = None


UNKNOWN_MESSAGE = Answer("UnknownMessageId")
