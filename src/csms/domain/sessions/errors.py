"""What can go wrong with sessions and the review list."""

from csms.kit.errors import Conflict, NotFound


class SessionNotFound(NotFound):
    """There is no such session."""

    code = "session_not_found"


class ReviewItemNotFound(NotFound):
    """The review list has no such item."""

    code = "review_item_not_found"


class AlreadyResolved(Conflict):
    """Somebody has resolved this already; look again."""

    code = "already_resolved"


class NotResolved(Conflict):
    """This is open; there is nothing to reopen."""

    code = "not_resolved"
