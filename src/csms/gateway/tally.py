"""What a gateway has done so far, in plain numbers; whoever wants to know reads them."""

from collections import Counter


class Tally:
    """`messages` by (action, outcome), `commands` by how they ended, `refusals` of handshakes by HTTP status, `boots_deferred`."""

    __slots__ = ("boots_deferred", "commands", "messages", "refusals")

    def __init__(self) -> None:
        self.boots_deferred = 0
        self.messages: Counter[tuple[str, str]] = Counter()
        self.commands: Counter[str] = Counter()
        self.refusals: Counter[int] = Counter()
