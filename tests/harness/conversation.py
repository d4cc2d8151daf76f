"""What was said between a station and us, in order, against what should have been said."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

ANY: Final = ...
"""A value that must be there, whatever it is."""
NONE: Final = object()
"""A field that must not be there."""


@dataclass(frozen=True)
class Expected:
    """A call and its answer: an action, and of call and answer those fields that matter."""

    direction: str
    action: str
    fields: dict[str, Any] = field(default_factory=dict)
    answer: dict[str, Any] = field(default_factory=dict)

    def fits(self, frame: dict[str, Any]) -> bool:
        """Whether a frame, as the API shows it, is this one."""
        return (
            (frame["direction"], frame["action"]) == (self.direction, self.action)
            and _fits(self.fields, frame["call"][3])
            and (not self.answer or (frame["outcome"] == "result" and _fits(self.answer, frame["answer"][2])))
        )


def says(action: str, answer: dict[str, Any] | None = None, **fields: Any) -> Expected:
    """The station calls, and hears our answer."""
    return Expected("in", action, fields, answer or {})


def hears(action: str, answer: dict[str, Any] | None = None, **fields: Any) -> Expected:
    """We call, and hear the station's answer."""
    return Expected("out", action, fields, answer or {})


def reports(status: str, connector: int = 1, **fields: Any) -> Expected:
    """The station notifies the status of a connector (0: its own)."""
    return says("StatusNotification", connectorId=connector, status=status, **({"errorCode": "NoError"} | fields))


def _fits(expected: Any, found: Any) -> bool:
    if expected is ANY:
        return True
    if isinstance(expected, dict):
        return isinstance(found, dict) and all(
            name not in found if value is NONE else name in found and _fits(value, found[name])
            for name, value in expected.items()
        )
    return bool(expected == found)


def in_order(expected: Sequence[Expected], frames: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first frames that are these, one after the other (others may lie between); as many as there are."""
    found: list[dict[str, Any]] = []
    for frame in frames:
        if len(found) < len(expected) and expected[len(found)].fits(frame):
            found.append(frame)
    return found


def written(frames: Iterable[dict[str, Any]]) -> str:
    """As a person reads it: the station says >>, hears <<."""
    arrows = {"in": ">>", "out": "<<"}
    return "\n".join(
        f"{arrows[frame['direction']]} {frame['action']} {_short(frame['call'][3])} | {_short(frame['answer'])}"
        for frame in frames
    )


def _short(payload: Any) -> str:
    text = str(payload)
    return text if len(text) <= 200 else f"{text[:200]}…"
