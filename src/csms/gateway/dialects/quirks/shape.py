"""Repairs of form: what the schema refuses, made into what it takes. They need to know the message type, nothing else."""

from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal
from typing import Any, Final

from msgspec import Struct, inspect

from csms.ocpp.mending import type_info

Object = dict[str, Any]

_OTHER: Final = ("Other", "OtherError")


def null_fields(document: Object, kind: type[Struct]) -> bool:
    """Fields that are null are left out."""
    changed = False
    for value, _ in _objects(document, type_info(kind)):
        for name in [name for name, said in value.items() if said is None]:
            del value[name]
            changed = True
    return changed


def extra_fields(document: Object, kind: type[Struct]) -> bool:
    """Fields that the message does not have are left out."""
    changed = False
    for value, struct in _objects(document, type_info(kind)):
        for name in value.keys() - {field.encode_name for field in struct.fields}:
            del value[name]
            changed = True
    return changed


def long_strings(document: Object, kind: type[Struct]) -> bool:
    """Text is cut to what its field may hold."""
    changed = False
    for value, field in _fields(document, kind):
        text, wanted = value[field.encode_name], field.type
        if isinstance(wanted, inspect.StrType) and wanted.max_length and isinstance(text, str):
            value[field.encode_name] = text[: wanted.max_length]
            changed |= len(text) > wanted.max_length
    return changed


def loose_types(document: Object, kind: type[Struct]) -> bool:
    """Numbers written as text where a number is asked for, and the other way round; 3.0 for 3."""
    changed = False
    for value, field in _fields(document, kind):
        said = value[field.encode_name]
        meant = _meant(said, field.type)
        if meant is not said:
            value[field.encode_name] = meant
            changed = True
    return changed


def _meant(said: Any, wanted: inspect.Type) -> Any:
    with suppress(ArithmeticError, ValueError):  # a number of more digits than Python prints is none that was meant
        if isinstance(wanted, inspect.StrType) and isinstance(said, int | Decimal) and not isinstance(said, bool):
            return str(said)
        if isinstance(wanted, inspect.IntType) and isinstance(said, str | Decimal):
            number = Decimal(said)
            if number == number.to_integral_value() and abs(number) < 2**63:
                return int(number)
    return said


def unknown_values(document: Object, kind: type[Struct]) -> bool:
    """A value that is none of its field's: the same in other letters, else `Other`, else left out where it may be."""
    changed = False
    for value, field in _fields(document, kind):
        said, wanted = value[field.encode_name], field.type
        if not isinstance(wanted, inspect.LiteralType) or not isinstance(said, str) or said in wanted.values:
            continue
        meant = _meant_word(said, [word for word in wanted.values if isinstance(word, str)])
        if meant is not None:
            value[field.encode_name] = meant
        elif not field.required:
            del value[field.encode_name]
        else:
            continue
        changed = True
    return changed


def _meant_word(said: str, words: list[str]) -> str | None:
    letters = {_letters(word): word for word in words}
    if _letters(said) in letters:
        return letters[_letters(said)]
    other = next((word for word in _OTHER if word in words), None)
    if (
        other is None and "Faulted" in words
    ):  # a connector's status: out of use is the safe reading of what nobody knows
        return "Unavailable"
    return other


def _letters(word: str) -> str:
    return "".join(letter for letter in word.lower() if letter.isalnum())


def _objects(value: Any, kind: inspect.Type) -> Iterator[tuple[Object, inspect.StructType]]:
    """Every JSON object of a payload, outermost first, with the type it should have."""
    if isinstance(kind, inspect.StructType) and isinstance(value, dict):
        yield value, kind
        for field in kind.fields:
            if field.encode_name in value:
                yield from _objects(value[field.encode_name], field.type)
    elif isinstance(kind, inspect.ListType) and isinstance(value, list):
        for item in value:
            yield from _objects(item, kind.item_type)


def _fields(document: Object, kind: type[Struct]) -> Iterator[tuple[Object, inspect.Field]]:
    for value, struct in list(_objects(document, type_info(kind))):
        for field in struct.fields:
            if field.encode_name in value:
                yield value, field
