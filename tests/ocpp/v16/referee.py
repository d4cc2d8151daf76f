"""The judge of 1.6 payloads: the OCA JSON schemas, read by an implementation that shares nothing with ours.

JSON Schema leaves two formats to the reader. `date-time` and `uri` are written out here from RFC 3339 and RFC 3986, by other
means than in csms.ocpp. Where we differ from the plain schema on purpose, it is said in DIFFERENCES and nowhere else.
"""

import calendar
import ipaddress
import json
import re
from decimal import Decimal, localcontext
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft4Validator, FormatChecker

import ocpp

SCHEMAS = Path(ocpp.__file__).parent / "v16" / "schemas"

DIFFERENCES = (
    "errata 3.84: the unit of any SampledValue may be Hertz; the schema of StopTransaction forgot it",
    "OCPP-J errata 3.6: every schema is draft-04, so 1.0 is no integer; those of the security extension claim draft-06",
    "RFC 3339 date-times may be written with a space for the T, and their offset without a colon, as strftime does",
    "leap seconds, the year 0000 and fractions that round up into the year 10000 are refused: datetime has none of them",
    "unpaired surrogates are refused: such a text has no UTF-8 form (OCPP-J 4.1.2)",
    "of a field given twice both values are checked; the schema sees the last one only",
)

_DATE_TIME = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
    r"(?:[Zz]|[+-]([0-9]{2}):?([0-9]{2}))"
)
_formats = FormatChecker(formats=())


@_formats.checks("date-time")
def is_date_time(value: object) -> bool:
    if not isinstance(value, str):
        return True
    if not (match := _DATE_TIME.fullmatch(value)):
        return False
    year, month, day, hour, minute, second = map(int, match.groups()[:6])
    offset_hour, offset_minute = int(match[8] or 0), int(match[9] or 0)
    if year == 0 or not 1 <= month <= 12 or not 1 <= day <= calendar.monthrange(year, month)[1]:
        return False
    if (
        value.startswith("9999-12-31")
        and value[11:19] == "23:59:59"
        and Decimal(f"0.{match[7] or 0}") >= Decimal("0.9999995")
    ):
        return False
    return hour < 24 and minute < 60 and second < 60 and offset_hour < 24 and offset_minute < 60


@_formats.checks("uri")
def is_uri(value: object) -> bool:
    """RFC 3986 §3, taken apart from the outside in."""
    if not isinstance(value, str):
        return True
    scheme, colon, rest = value.partition(":")
    if not colon or not re.fullmatch("[a-zA-Z][a-zA-Z0-9+.-]*", scheme):
        return False
    rest, _, fragment = rest.partition("#")
    rest, _, query = rest.partition("?")
    if not _of(fragment, ":@/?") or not _of(query, ":@/?"):
        return False
    if not rest.startswith("//"):
        return _of(rest, ":@/")
    authority, slash, path = rest[2:].partition("/")
    return _of(slash + path, ":@/") and _is_authority(authority)


def _of(text: str, more: str) -> bool:
    plain = re.sub("%[0-9a-fA-F][0-9a-fA-F]", "", text)
    return all((c.isascii() and c.isalnum()) or c in "-._~!$&'()*+,;=" + more for c in plain)


def _is_authority(authority: str) -> bool:
    userinfo, at, host = authority.rpartition("@")
    if at and not _of(userinfo, ":"):
        return False
    if host.startswith("["):
        literal, bracket, port = host[1:].partition("]")
        return bool(bracket) and (not port or re.fullmatch(":[0-9]*", port) is not None) and _is_ip_literal(literal)
    name, _, port = host.partition(":")
    return _of(name, "") and re.fullmatch("[0-9]*", port) is not None


def _is_ip_literal(literal: str) -> bool:
    if literal[:1] in ("v", "V"):
        version, dot, address = literal[1:].partition(".")
        return (
            bool(dot and address and re.fullmatch("[0-9a-fA-F]+", version)) and "%" not in address and _of(address, ":")
        )
    try:
        return "%" not in literal and bool(ipaddress.IPv6Address(literal))
    except ValueError:
        return False


def load(name: str) -> dict[str, Any]:
    """The schema of a request (by the name of its action) or of an answer (<Action>Response)."""
    return json.loads((SCHEMAS / f"{name}.json").read_text("utf-8-sig"), parse_float=Decimal)


@cache
def schema_of(name: str) -> dict[str, Any]:
    """The schema as amended by DIFFERENCES, without references."""
    schema = _resolved(load(name), load(name).get("definitions", {}))
    if name == "StopTransaction":
        sampled = schema["properties"]["transactionData"]["items"]["properties"]["sampledValue"]
        sampled["items"]["properties"]["unit"]["enum"].append("Hertz")
    return schema


def _resolved(schema: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_resolved(item, definitions) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _resolved(definitions[schema["$ref"].removeprefix("#/definitions/")], definitions)
    return {
        key: _resolved(value, definitions) for key, value in schema.items() if key not in ("definitions", "$schema")
    }


@cache
def _validator(name: str) -> Draft4Validator:
    return Draft4Validator(schema_of(name), format_checker=_formats)


def _no_constant(text: str) -> None:
    raise ValueError(f"{text} is not JSON")


def accepts(name: str, payload: bytes) -> bool:
    """Whether these bytes are JSON that the schema accepts."""
    try:
        document = json.loads(payload.decode(), parse_float=Decimal, parse_constant=_no_constant)
    except ValueError:
        return False
    with localcontext(prec=5000):  # multipleOf divides exactly, however large the number
        return _validator(name).is_valid(document)
