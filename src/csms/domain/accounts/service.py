"""The verbs on accounts, gathered for those who call from other rooms."""

from csms.domain.accounts.access import actor_of_key, create_api_key, find_key
from csms.domain.accounts.organisations import (
    change_organisation,
    create_organisation,
    get_organisation,
    list_organisations,
    remove_organisation,
)

__all__ = [
    "actor_of_key",
    "change_organisation",
    "create_api_key",
    "create_organisation",
    "find_key",
    "get_organisation",
    "list_organisations",
    "remove_organisation",
]
