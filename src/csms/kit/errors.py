"""What can go wrong, in five kinds; a subclass has a `code`, and its docstring is the message.

`api/problems.py` translates to RFC 9457, `gateway/faults.py` to CALLERROR.
"""

from typing import Any, ClassVar


class Problem(Exception):  # noqa: N818 - the five kinds below are named for what they say
    """Something went wrong."""

    code: ClassVar[str] = "problem"

    def __init__(self, detail: str | None = None, **facts: Any) -> None:
        self.detail = detail or (type(self).__doc__ or "").strip().splitlines()[0]
        self.facts = facts
        super().__init__(self.detail)


class NotFound(Problem):
    """There is no such thing."""

    code = "not_found"


class Conflict(Problem):
    """This contradicts the present state."""

    code = "conflict"


class Forbidden(Problem):
    """You may not do this."""

    code = "forbidden"


class Invalid(Problem):
    """This input cannot be accepted."""

    code = "invalid"


class Unavailable(Problem):
    """This cannot be done at the moment; trying again later may help."""

    code = "unavailable"
