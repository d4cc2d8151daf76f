"""What can go wrong with local lists."""

from csms.kit.errors import Invalid, NotFound


class ListRuleNotFound(NotFound):
    """There is no such rule for local lists."""

    code = "list_rule_not_found"


class EmptyRule(Invalid):
    """A rule names everyone, or labels, groups or id tokens."""

    code = "empty_rule"
