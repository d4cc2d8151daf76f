"""The bus's port: doorbells, and who is there to hear them. Truth is in tables; a lost ring is made good by a slow poll."""

from collections.abc import Callable
from typing import Protocol

Listener = Callable[[str], None]


class Bus(Protocol):
    """Rings subjects such as `commands.17` or `live.17`; listeners get the whole subject and must not block.

    A subscription is to a prefix that ends with a dot (`commands.`) or to one whole subject. `subscribe` gives back the
    function that ends the subscription.
    """

    @property
    def slow_poll_s(self) -> float | None:
        """After how many seconds who listens should look for itself, since rings may have been lost; None: none ever is."""

    def ring(self, subject: str) -> None: ...
    def subscribe(self, subject: str, listener: Listener) -> Callable[[], None]: ...
    def be_there(self, name: str) -> Callable[[], None]:
        """Let every process see that this one is there under a name, until the function that comes back is called."""

    async def is_there(self, name: str) -> bool | None:
        """Whether any process is there under this name: False says that surely none is, None that it cannot be known."""
