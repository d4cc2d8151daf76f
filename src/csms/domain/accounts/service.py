"""The verbs on accounts, gathered for those who call from other rooms."""

from csms.domain.accounts.api_keys import (
    actor_of_key,
    create_api_key,
    find_api_key,
    get_api_key,
    list_api_keys,
    note_key_use,
    revoke_api_key,
)
from csms.domain.accounts.grants import NewGrant, list_grants, organisations_below
from csms.domain.accounts.organisations import (
    change_organisation,
    create_organisation,
    get_organisation,
    list_organisations,
    remove_organisation,
)
from csms.domain.accounts.setup import complete_setup, ensure_first_administrator, needs_setup, new_setup_link
from csms.domain.accounts.sign_in import change_own_password, forget_old, sign_in
from csms.domain.accounts.users import change_user, create_user, get_user, list_users, normal_email, remove_user
from csms.domain.accounts.web_sessions import (
    actor_of_user,
    end_web_session,
    find_web_session,
    list_web_sessions,
    note_web_session_use,
)

__all__ = [
    "NewGrant",
    "actor_of_key",
    "actor_of_user",
    "change_organisation",
    "change_own_password",
    "change_user",
    "complete_setup",
    "create_api_key",
    "create_organisation",
    "create_user",
    "end_web_session",
    "ensure_first_administrator",
    "find_api_key",
    "find_web_session",
    "forget_old",
    "get_api_key",
    "get_organisation",
    "get_user",
    "list_api_keys",
    "list_grants",
    "list_organisations",
    "list_users",
    "list_web_sessions",
    "needs_setup",
    "new_setup_link",
    "normal_email",
    "note_key_use",
    "note_web_session_use",
    "organisations_below",
    "remove_organisation",
    "remove_user",
    "revoke_api_key",
    "sign_in",
]
