"""Date-times of stations that write ISO 8601 (OCPP 1.6 §3.15) but not RFC 3339, which the schemas ask for.

Nothing here is done unasked: a strict peer refuses such a message, and says so. Who must not lose what it carries (energy,
money) asks for a mended payload and decodes that.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, tzinfo
from functools import cache
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta, Raw, Struct, inspect

from csms.ocpp.codec import DECODE_FAILURES, ENCODER, decoder

_LEAP_SECOND: Final = re.compile(r"(\d\d:?\d\d:?)60(?:[.,]\d+)?")

_decode: Final = decoder(Any).decode


def mend_times(payload: Raw | bytes, kind: type[Struct]) -> bytes | None:
    """The payload with the date-times of this message type in RFC 3339, or None where that changes nothing.

    A time without zone is read as UTC (OCPP 1.6 §3.14); a leap second as the last microsecond before it, because Python's
    datetime has none; any other ISO 8601 form (basic, without seconds, hours-only offset) as what it says.
    """
    try:
        document = _decode(payload)
        changed = mend_times_in(document, kind)
    except DECODE_FAILURES:
        return None
    return ENCODER.encode(document) if changed else None


def mend_times_in(document: Any, kind: type[Struct], zone: tzinfo = UTC) -> bool:
    """The same for a decoded payload, in place, with times without zone read in `zone`; tells whether anything changed."""
    return _mend(document, type_info(kind), zone)


@cache
def type_info(kind: type[Struct]) -> inspect.Type:
    """What a message type asks for, as msgspec tells it."""
    return inspect.type_info(kind)


def _mend(value: Any, kind: inspect.Type, zone: tzinfo) -> bool:
    """Mend in place every date-time below a JSON object or array; tell whether anything changed."""
    changed = False
    for key, item_kind in _items(value, kind):
        item = value[key]
        if isinstance(item_kind, inspect.DateTimeType) and isinstance(item, str):
            value[key] = _rfc3339(item, zone)
            changed |= value[key] != item
        else:
            changed |= _mend(item, item_kind, zone)
    return changed


def _items(value: Any, kind: inspect.Type) -> Iterator[tuple[Any, inspect.Type]]:
    if isinstance(kind, inspect.StructType) and isinstance(value, dict):
        return ((field.encode_name, field.type) for field in kind.fields if field.encode_name in value)
    if isinstance(kind, inspect.ListType) and isinstance(value, list):
        return ((index, kind.item_type) for index in range(len(value)))
    return iter(())


def _rfc3339(text: str, zone: tzinfo) -> str:
    try:
        msgspec.convert(text, Annotated[datetime, Meta(tz=True)])
    except msgspec.ValidationError:
        with suppress(ValueError, OverflowError):
            moment = datetime.fromisoformat(_LEAP_SECOND.sub(r"\g<1>59.999999", text.strip()))
            return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).isoformat()
    return text
