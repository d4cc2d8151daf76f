"""Payloads made from a schema by chance: right ones, and ones with up to three changes at any depth."""

from typing import Any

from hypothesis import strategies as st

from .payloads import JUNK, URIS, Change, Number, Schema, changes, paths, replaced, schema_at

_characters = st.sampled_from([*'aZ0 _-/"\\\n\0é電', "e\u0301", "\u200d", "𝄞", "👩‍🔧", "\uffff", "\ufeff"])
_integers = st.one_of(
    st.integers(-2, 100), st.sampled_from([2**31 - 1, 2**53 + 1, 2**63, -(2**63) - 1, 2**64, 10**300])
)
_tenths = st.one_of(
    st.integers(-(10**12), 10**12).map(lambda n: Number(f"{n / 10:.1f}")),
    st.integers(0, 10**6).map(lambda n: Number(f"{n}e-1")),
    st.integers(0, 400).map(lambda n: Number(f"1E{n}")),
    st.builds(lambda n, zeros: Number(f"{n}.{n % 10}{'0' * zeros}"), st.integers(0, 10**25), st.integers(0, 30)),
    _integers,
)
_offsets = st.builds(
    "{}{:02}{}{:02}".format, st.sampled_from("+-"), st.integers(0, 23), st.sampled_from([":", ""]), st.integers(0, 59)
)
_date_times = st.builds(
    "{:04}-{:02}-{:02}{}{:02}:{:02}:{:02}{}{}".format,
    st.integers(1, 9998),
    st.integers(1, 12),
    st.integers(1, 28),
    st.sampled_from("Tt "),
    st.integers(0, 23),
    st.integers(0, 59),
    st.integers(0, 59),
    st.one_of(st.just(""), st.integers(0, 10**12).map(".{}".format)),
    st.one_of(st.sampled_from("Zz"), _offsets),
)


def _strings(limit: int | None) -> st.SearchStrategy[str]:
    lengths = st.integers(0, 3) if limit is None else st.sampled_from([0, 1, 2, limit - 1, limit])
    return st.builds(
        lambda parts, length: ("".join(parts) * length)[:length], st.lists(_characters, min_size=1, max_size=3), lengths
    )


def right(schema: Schema) -> st.SearchStrategy[Any]:
    """Payloads the schema accepts: any set of optional fields, boundary lengths, any text, any spelling of a number."""
    if schema["type"] == "object":
        fields = {key: right(item) for key, item in schema.get("properties", {}).items()}
        required = {key: fields.pop(key) for key in schema.get("required", [])}
        return st.fixed_dictionaries(required, optional=fields)
    if schema["type"] == "array":
        return st.lists(right(schema["items"]), min_size=schema.get("minItems", 0), max_size=3)
    return _simple(schema)


def _simple(schema: Schema) -> st.SearchStrategy[Any]:
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "format" in schema:
        return {"date-time": _date_times, "uri": st.sampled_from(URIS[:9])}[schema["format"]]
    strings = _strings(schema.get("maxLength"))
    return {"string": strings, "integer": _integers, "number": _tenths, "boolean": st.booleans()}[schema["type"]]


@st.composite
def wrong(draw: st.DrawFn, schema: Schema) -> Any:
    """Payloads with up to three changes at any depth; some are still right."""
    value = draw(right(schema))
    for _ in range(draw(st.integers(1, 3))):
        places = [path for path in paths(value) if _known(schema, path)]
        if not places:
            return draw(st.sampled_from(JUNK)) if draw(st.booleans()) else {"extra": value}
        path = draw(st.sampled_from(places))
        change = draw(st.sampled_from([*changes(schema_at(schema, path)), _garble(draw)]))
        value = replaced(value, path, change)
    return value


def _garble(draw: st.DrawFn) -> Change:
    def change(parent: dict[Any, Any] | list[Any], key: Any) -> None:
        if isinstance(text := parent[key], str):
            start = draw(st.integers(0, len(text)))
            parent[key] = text[:start] + draw(_characters) + text[start + draw(st.integers(0, 2)) :]
        else:
            parent[key] = [text]

    return change


def _known(schema: Schema, path: tuple[Any, ...]) -> bool:
    for key in path:
        schema = schema.get("items", {}) if isinstance(key, int) else schema.get("properties", {}).get(key, {})
    return bool(schema)
