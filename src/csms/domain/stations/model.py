"""Locations, stations, evses, connectors, links, stored frames, unknown stations."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from csms.kit.clock import from_microseconds
from csms.kit.tables import Base, BigInt


class Location(Base):
    """An OCPI location; `time_zone` is an IANA name, in which its times are shown."""

    __tablename__ = "locations"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    name: Mapped[str]
    address: Mapped[str | None]
    city: Mapped[str | None]
    postal_code: Mapped[str | None]
    country: Mapped[str | None]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    time_zone: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Station(Base):
    """A charging station; `identity` is how it names itself in the URL.

    `registration` is what its BootNotification is answered with (accepted, pending, rejected). `credential_kind` says how
    `credential` (never the password itself) checks a password: generated (keyed hash), chosen (argon2) or none (open).
    `security_profile` is the least its connections must have: 0 nothing, 1 a password, 2 TLS too, 3 TLS with its certificate.
    """

    __tablename__ = "stations"
    __table_args__ = ({"sqlite_autoincrement": True},)  # a deleted station's stored frames must not become another's

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    identity: Mapped[str] = mapped_column(unique=True)
    location_id: Mapped[UUID | None] = mapped_column(ForeignKey("locations.id"), index=True)
    name: Mapped[str | None]
    registration: Mapped[str]
    credential_kind: Mapped[str]
    credential: Mapped[str | None]
    security_profile: Mapped[int] = mapped_column(default=0, server_default="0")
    vendor: Mapped[str | None]
    model: Mapped[str | None]
    serial_number: Mapped[str | None]
    firmware_version: Mapped[str | None]
    iccid: Mapped[str | None]
    imsi: Mapped[str | None]
    meter_type: Mapped[str | None]
    meter_serial_number: Mapped[str | None]
    booted_at: Mapped[datetime | None]
    firmware_status: Mapped[str | None]
    diagnostics_status: Mapped[str | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class PasswordChange(Base):
    """A station's next password, as its hash: asked → accepted (good beside the old one) → done (the only one).

    `state` is else refused (the station said no), unanswered (it may have it, so it is good beside the old one), expired (it
    was never sent) or superseded (somebody gave the station a password by hand).
    """

    __tablename__ = "password_changes"

    station_id: Mapped[int] = mapped_column(ForeignKey("stations.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[str]
    credential_kind: Mapped[str]
    credential: Mapped[str]
    command_id: Mapped[UUID]
    requested_by: Mapped[str]
    asked_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class ProfileChange(Base):
    """A station on its way to a higher security profile: asked → accepted → done, once it has connected with it.

    `state` is else refused, failed (no answer) or fell_back: it did not return with `profile` by `deadline_at`
    (`within_s` after it accepted), so what it had before goes on.
    """

    __tablename__ = "profile_changes"

    station_id: Mapped[int] = mapped_column(ForeignKey("stations.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[str] = mapped_column(index=True)
    profile: Mapped[int]
    within_s: Mapped[float]
    command_id: Mapped[UUID]
    requested_by: Mapped[str]
    asked_at: Mapped[datetime]
    deadline_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]


class Link(Base):
    """Who holds a station's connection; `epoch` is the fencing number, raised at every connect.

    `security_profile` is what the last connection had, `tls` its version of TLS (None: none).
    """

    __tablename__ = "links"

    station_id: Mapped[int] = mapped_column(ForeignKey("stations.id", ondelete="CASCADE"), primary_key=True)
    epoch: Mapped[int]
    online: Mapped[bool]
    gateway: Mapped[str | None]
    address: Mapped[str | None]
    protocol: Mapped[str | None]
    security_profile: Mapped[int | None]
    tls: Mapped[str | None]
    connected_at: Mapped[datetime | None]
    disconnected_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]


class Evse(Base):
    """An independently operated place to charge, numbered from 1 within its station."""

    __tablename__ = "evses"

    station_id: Mapped[int] = mapped_column(ForeignKey("stations.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str | None]


class Connector(Base):
    """A plug with its status; (evse 0, connector 0) carries the status of the station as a whole.

    `standard` and `format` (socket or cable) are what people say of it, as are its limits, of each phase or of direct current.
    `status_at` is the station's time of what it said last, `received_at` ours of when it first said so: a station that says
    the same again every hour has been available since the first time.
    """

    __tablename__ = "connectors"

    station_id: Mapped[int] = mapped_column(ForeignKey("stations.id", ondelete="CASCADE"), primary_key=True)
    evse: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    standard: Mapped[str | None]
    format: Mapped[str | None]
    max_power_w: Mapped[int | None]
    max_current_a: Mapped[int | None]
    max_voltage_v: Mapped[int | None]
    status: Mapped[str]
    error_code: Mapped[str | None]
    info: Mapped[str | None]
    vendor_id: Mapped[str | None]
    vendor_error_code: Mapped[str | None]
    status_at: Mapped[datetime | None]
    received_at: Mapped[datetime | None]


class ConfigurationKey(Base):
    """What a station last reported of one of its configuration keys."""

    __tablename__ = "configuration_keys"

    station_id: Mapped[int] = mapped_column(ForeignKey("stations.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str | None]
    readonly: Mapped[bool]
    known: Mapped[bool]
    reported_at: Mapped[datetime]


class Frame(Base):
    """A call and its answer, as they were on the wire; or what arrived instead of a frame.

    `id` is the microsecond (since 1970, UTC) the call arrived or left, made unique; so ids sort by time. `direction` is
    `in` (from the station) or `out`. `outcome`: waiting, result, error, timeout, abandoned, or malformed and unmatched for
    what was no proper frame. `repairs` names with commas what was mended before it was read; `call` is as it came.
    """

    __tablename__ = "frames"
    __table_args__ = (Index(None, "id"),)

    station_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    direction: Mapped[str]
    action: Mapped[str | None]
    message_id: Mapped[str | None]
    call: Mapped[bytes]
    answer: Mapped[bytes | None]
    answered_at: Mapped[datetime | None]
    outcome: Mapped[str]
    error_code: Mapped[str | None]
    session_id: Mapped[int | None] = mapped_column(BigInt)
    repairs: Mapped[str | None]

    @property
    def at(self) -> datetime:
        return from_microseconds(self.id)


class UnknownStation(Base):
    """The inbox: a station that tried to connect and is not ours (yet), with what it said of itself."""

    __tablename__ = "unknown_stations"

    identity: Mapped[str] = mapped_column(primary_key=True)
    first_seen_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(index=True)
    attempts: Mapped[int]
    address: Mapped[str]
    path: Mapped[str]
    subprotocols: Mapped[str]
    username: Mapped[str | None]
    user_agent: Mapped[str | None]


class Counter(Base):
    """A number that only grows, handed out in blocks (`transaction_id`)."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int] = mapped_column(BigInt)


class Process(Base):
    """A running process of the system and when it last said so; `roles` is a list with commas.

    `instance` tells a process from its successor of the same name. A process not seen for a while has lost its links.
    """

    __tablename__ = "processes"

    name: Mapped[str] = mapped_column(primary_key=True)
    instance: Mapped[UUID]
    roles: Mapped[str]
    version: Mapped[str]
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
