"""Validation errors in plain words."""

from collections.abc import Callable, Mapping
from typing import Any

_WORDS: dict[str, str | Callable[[Mapping[str, Any]], str]] = {
    "missing": "is required",
    "extra_forbidden": "is not known here",
    "string_type": "must be text",
    "string_unicode": "contains characters that cannot be stored",
    "string_too_short": lambda told: f"must have at least {_count(told['min_length'], 'character')}",
    "string_too_long": lambda told: f"must have at most {_count(told['max_length'], 'character')}",
    "string_pattern_mismatch": "does not have the expected form",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "is too large a number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "greater_than": lambda told: f"must be greater than {told['gt']}",
    "greater_than_equal": lambda told: f"must be at least {told['ge']}",
    "less_than": lambda told: f"must be less than {told['lt']}",
    "less_than_equal": lambda told: f"must be at most {told['le']}",
    "enum": lambda told: f"must be {told['expected']}",
    "literal_error": lambda told: f"must be {told['expected']}",
    "uuid_type": "must be an id (a UUID)",
    "uuid_parsing": "must be an id (a UUID)",
    "dict_type": "must be a JSON object",
    "model_type": "must be a JSON object",
    "model_attributes_type": "must be a JSON object",
    "list_type": "must be a JSON array",
    "too_short": lambda told: f"must have at least {_count(told['min_length'], 'item')}",
    "too_long": lambda told: f"must have at most {_count(told['max_length'], 'item')}",
    "datetime_type": "must be a time such as 2030-01-31T12:00:00Z",
    "datetime_parsing": "must be a time such as 2030-01-31T12:00:00Z",
    "datetime_from_date_parsing": "must be a time such as 2030-01-31T12:00:00Z",
    "datetime_object_invalid": "must be a time such as 2030-01-31T12:00:00Z",
    "timezone_aware": "must be a time with its zone, such as 2030-01-31T12:00:00Z",
    "none_required": "must be null",
}


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def in_words(error: Mapping[str, Any]) -> dict[str, str]:
    """One of pydantic's errors as `in`, `field`, `code`, `message`; what was sent is not repeated."""
    place, *path = error["loc"] or ("body",)
    words = _WORDS.get(error["type"])
    told = error.get("ctx") or {}
    if error["type"] == "value_error":
        message = str(told.get("error", error["msg"]))
    elif words is None:
        message = str(error["msg"])
    else:
        message = words if isinstance(words, str) else words(told)
    return {"in": str(place), "field": _path(path), "code": str(error["type"]), "message": message}


def _path(parts: list[Any]) -> str:
    text = ""
    for part in parts:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else str(part)
    return text
