"""Payloads made from a schema: one that is right, and every one that differs from it in a single place."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Schema = dict[str, Any]


@dataclass(frozen=True)
class Number:
    """A number as it is to be written; Python would write it differently."""

    text: str


def written(value: Any, *, ascii_only: bool = False) -> bytes:
    """A payload as JSON text."""
    return "".join(_parts(value, ascii_only)).encode()


def _parts(value: Any, ascii_only: bool) -> Iterator[str]:
    if isinstance(value, Number):
        yield value.text
    elif isinstance(value, dict):
        inner = (f"{json.dumps(k)}:{''.join(_parts(v, ascii_only))}" for k, v in value.items())
        yield "{" + ",".join(inner) + "}"
    elif isinstance(value, list):
        yield "[" + ",".join("".join(_parts(item, ascii_only)) for item in value) + "]"
    else:
        yield json.dumps(value, ensure_ascii=ascii_only)


JUNK: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    2**31,
    2**63,
    10**40,
    Number("1.0"),
    Number("-0"),
    Number("1e2"),
    Number("0.15"),
    Number("16.1"),
    Number("16.10"),
    Number("16.100000000000000000000000000001"),
    Number("1e400"),
    Number("1E-2"),
    Number("NaN"),
    "",
    "A",
    "Accepted",
    "1",
    "16.1",
    "true",
    "2024-02-29T12:00:00Z",
    "https://example.com/a?b#c",
    [],
    [None],
    {},
    {"value": "1"},
)
DATE_TIMES = (
    "2024-02-29T23:59:59Z",
    "2024-02-29T23:59:59.123456789+14:00",
    "1970-01-01T00:00:00Z",
    "0001-01-01T00:00:00+01:00",
    "9999-12-31T23:59:59-12:00",
    "2024-05-01t10:00:00z",
    "2024-05-01 10:00:00+0200",
    "2024-05-01T10:00:00-00:00",
    "2024-05-01T10:00:00.1Z",
    "2024-05-01T10:00:00",
    "2024-05-01T10:00:00.000",
    "2024-05-01T10:00Z",
    "2024-05-01",
    "20240501T100000Z",
    "2024-05-01T10:00:00+02",
    "2024-05-01T10:00:00.Z",
    "2024-05-01T10:00:00,5Z",
    "2024-05-01T24:00:00Z",
    "2024-05-01T23:59:60Z",
    "2023-02-29T10:00:00Z",
    "2024-13-01T10:00:00Z",
    "2024-00-10T10:00:00Z",
    "2024-05-01T10:60:00Z",
    "2024-05-01T10:00:00+24:00",
    "2024-05-01T10:00:00+02:60",
    "0000-01-01T00:00:00Z",
    "2024-05-01T10:00:00Z ",
    "2024-05-01T10:00:00Ẕ",
    "２０２４-05-01T10:00:00Z",
    "1714557600",
)
URIS = (
    "ftp://user:secret@10.0.0.1:21/firmware/v2.bin",
    "https://example.com",
    "http://[2001:db8::1]:8080/x",
    "http://[::ffff:1.2.3.4]/",
    "http://[v7.fe:x]/",
    "mailto:a@b.c",
    "urn:x:y?=z#%41",
    "file:///tmp/log",
    "x:",
    "http://",
    "http://a:b@c@d/",
    "http://a:8x/",
    "http://[2001:db8::1/",
    "http://[1.2.3.4]/",
    "http://[fe80::1%25eth0]/",
    "/relative",
    "//host/path",
    "1http://x",
    "http://ex ample.com",
    "http://exämple.com",
    "http://a/%4",
    "http://a/|",
    "http://a/b\n",
)


def plain(schema: Schema, *, optional: bool) -> Any:
    """One payload the schema accepts, with all of its optional fields or with none."""
    if schema["type"] == "object":
        required = schema.get("required", [])
        properties = schema.get("properties", {}).items()
        return {key: plain(item, optional=optional) for key, item in properties if optional or key in required}
    if schema["type"] == "array":
        return [plain(schema["items"], optional=optional)]
    if "enum" in schema:
        return schema["enum"][0]
    if "format" in schema:
        return {"date-time": DATE_TIMES, "uri": URIS}[schema["format"]][0]
    return {"string": "x", "integer": 1, "number": Number("8.1"), "boolean": True}[schema["type"]]


def single_faults(schema: Schema) -> Iterator[Any]:
    """The full payload with one place changed, for every place and every change; right ones are among them."""
    full = plain(schema, optional=True)
    yield full
    yield plain(schema, optional=False)
    yield from JUNK
    for path in list(paths(full)):
        for change in changes(schema_at(schema, path)):
            yield replaced(full, path, change)


Change = Callable[[dict[Any, Any] | list[Any], Any], None]


def changes(schema: Schema) -> Iterator[Change]:
    yield lambda parent, key: parent.__delitem__(key)
    for value in (*JUNK, *schema.get("enum", ()), *_near_enum(schema), *_near_length(schema), *_near_format(schema)):
        yield lambda parent, key, value=value: parent.__setitem__(key, value)
    yield _rename(str.upper)
    yield _rename(lambda name: name + "s")
    yield _rename(lambda name: re.sub("[A-Z]", lambda m: "_" + m[0].lower(), name) + "_")
    yield lambda parent, key: parent.update(extra=1) if isinstance(parent, dict) else parent.append(parent[key])


def _rename(how: Callable[[str], str]) -> Change:
    def change(parent: dict[Any, Any] | list[Any], key: Any) -> None:
        if isinstance(parent, dict):
            parent[how(key)] = parent.pop(key)

    return change


def _near_enum(schema: Schema) -> Iterator[str]:
    for value in schema.get("enum", ()):
        yield from (value.lower(), value.upper(), value + "s", value[:-1], value + " ")


def _near_length(schema: Schema) -> Iterator[str]:
    if limit := schema.get("maxLength"):
        for character in ("a", "é", "e\u0301", "𝄞", "\0", '"', "电"):
            for length in (limit - 1, limit, limit + 1):
                yield (character * length)[:length]


def _near_format(schema: Schema) -> tuple[str, ...]:
    return {"date-time": DATE_TIMES, "uri": URIS}.get(schema.get("format", ""), ())


def paths(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*above, key)
        yield from paths(item, (*above, key))


def schema_at(schema: Schema, path: tuple[Any, ...]) -> Schema:
    for key in path:
        schema = schema["properties"][key] if isinstance(key, str) else schema["items"]
    return schema


def replaced(value: Any, path: tuple[Any, ...], change: Change) -> Any:
    copy = dict(value) if isinstance(value, dict) else list(value)
    if len(path) == 1:
        change(copy, path[0])
    else:
        copy[path[0]] = replaced(copy[path[0]], path[1:], change)
    return copy
