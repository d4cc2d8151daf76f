"""Field types several functional blocks of OCPP 1.6 share (§7), and the base of all its messages."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from msgspec import UNSET, Meta, Struct, UnsetType

from csms.ocpp.uri import URI


class Message(Struct, rename="camel", forbid_unknown_fields=True, frozen=True, kw_only=True, gc=False):
    """Base of messages and their parts: snake_case here, camelCase on the wire; absent optional fields are UNSET."""


String20 = Annotated[str, Meta(max_length=20)]
String25 = Annotated[str, Meta(max_length=25)]
String40 = Annotated[str, Meta(max_length=40)]
String50 = Annotated[str, Meta(max_length=50)]
String128 = Annotated[str, Meta(max_length=128)]
String255 = Annotated[str, Meta(max_length=255)]
String500 = Annotated[str, Meta(max_length=500)]
String512 = Annotated[str, Meta(max_length=512)]
String800 = Annotated[str, Meta(max_length=800)]
String5500 = Annotated[str, Meta(max_length=5500)]
String10000 = Annotated[str, Meta(max_length=10000)]

# RFC 3339, and besides it a space for the T and an offset without colon, as strftime writes them. Refused is what datetime
# cannot hold: leap seconds, the year 0000. For stations that write other ISO 8601 there is csms.ocpp.mending.
Timestamp = Annotated[datetime, Meta(tz=True)]
Uri = Annotated[str, Meta(pattern=URI)]


class ChargingRate(Decimal):
    """Amperes or watts with at most one digit after the point (§7.13, §7.14); judged in decimal, never in binary."""

    __slots__ = ()

    @classmethod
    def from_wire(cls, value: Any) -> Self:
        if type(value) is not int and type(value) is not Decimal:
            raise ValueError("Expected `number`")
        rate = cls(value)
        _, digits, exponent = rate.as_tuple()
        assert isinstance(exponent, int)  # JSON has no NaN
        if exponent < -1 and any(digits[exponent + 1 :]):
            raise ValueError("more than one digit after the point")
        return rate

    def to_wire(self) -> Decimal:
        return Decimal(self)


AuthorizationStatus = Literal["Accepted", "Blocked", "Expired", "Invalid", "ConcurrentTx"]
ChargingProfilePurpose = Literal["ChargePointMaxProfile", "TxDefaultProfile", "TxProfile"]
ChargingRateUnit = Literal["A", "W"]
AcceptedRejected = Literal["Accepted", "Rejected"]


class IdTagInfo(Message, frozen=True, kw_only=True):
    """What the central system decided about an id tag (§7.27)."""

    status: AuthorizationStatus
    expiry_date: Timestamp | UnsetType = UNSET
    parent_id_tag: String20 | UnsetType = UNSET
