"""What a gateway has done so far, in plain numbers; whoever wants to know reads them."""

from collections import Counter


class Tally:
    """`messages` by (action, outcome), `commands` by how they ended, `boots_deferred`.

    `failures` of handshakes, of TLS too, by (problem, HTTP status, if one was told).
    """

    __slots__ = ("boots_deferred", "commands", "failures", "messages")

    def __init__(self) -> None:
        self.boots_deferred = 0
        self.messages: Counter[tuple[str, str]] = Counter()
        self.commands: Counter[str] = Counter()
        self.failures: Counter[tuple[str, int | None]] = Counter()
