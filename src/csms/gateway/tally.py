"""What a gateway has done so far, in plain numbers; whoever wants to know reads them."""

from collections import Counter


class Tally:
    """`messages` by (action, outcome), `commands` by how they ended, `refusals` of handshakes by HTTP status."""

    __slots__ = ("commands", "messages", "refusals")

    def __init__(self) -> None:
        self.messages: Counter[tuple[str, str]] = Counter()
        self.commands: Counter[str] = Counter()
        self.refusals: Counter[int] = Counter()
