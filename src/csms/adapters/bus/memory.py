"""The bus of a single process: rings are plain calls."""

from collections.abc import Callable

import structlog

from csms.kit.bus import Listener

log = structlog.get_logger(__name__)


class MemoryBus:
    """Rings listeners at once, in the caller's turn; a listener that fails is logged and disturbs nobody."""

    slow_poll_s: float | None = None

    def __init__(self) -> None:
        self._listeners: dict[str, dict[object, Listener]] = {}
        self._there: dict[str, int] = {}

    def ring(self, subject: str) -> None:
        prefix = subject[: subject.rfind(".") + 1]
        for key in (prefix, subject):
            for listener in tuple(self._listeners.get(key, {}).values()):
                try:
                    listener(subject)
                except Exception:
                    log.exception("a doorbell listener failed", subject=subject)

    def subscribe(self, subject: str, listener: Listener) -> Callable[[], None]:
        ticket = object()
        self._listeners.setdefault(subject, {})[ticket] = listener

        def leave() -> None:
            listeners = self._listeners.get(subject, {})
            listeners.pop(ticket, None)
            if not listeners:
                self._listeners.pop(subject, None)

        return leave

    def be_there(self, name: str) -> Callable[[], None]:
        self._there[name] = self._there.get(name, 0) + 1
        present = [name]

        def leave() -> None:
            while present:
                self._there[present.pop()] -= 1

        return leave

    async def is_there(self, name: str) -> bool | None:
        """Of other processes nothing is known here."""
        return True if self._there.get(name) else None
