"""Who drives is not for everybody who sees a session: without the right to identities, id tokens are shown by their end only."""

from typing import Any

from csms.domain.accounts.rules import Actor, Right
from csms.domain.stations.model import Location

_NAMES = frozenset({"id_token", "idTag", "idToken", "group_id", "parentIdTag", "uid"})
_SHOWN = 4


def masked(id_token: str) -> str:
    """The last four characters of a longer one, the rest hidden."""
    return "••••" + (id_token[-_SHOWN:] if len(id_token) > 2 * _SHOWN else "")


def masked_or_none(id_token: str | None) -> str | None:
    return masked(id_token) if id_token is not None else None


def without_identities(payload: Any) -> Any:
    """The same JSON with id tokens masked, whatever OCPP or we call them."""
    if isinstance(payload, list):
        return [without_identities(item) for item in payload]
    if not isinstance(payload, dict):
        return payload
    return {
        name: masked(value) if name in _NAMES and isinstance(value, str) else without_identities(value)
        for name, value in payload.items()
    }


def sees_identities(actor: Actor, location: Location | None) -> bool:
    """Whether the actor sees who charges at this location; of a station of no location only who sees everything."""
    place = (location.id, location.organisation_id) if location is not None else (None, None)
    return actor.scope_of(Right.IDENTITIES_READ).covers(*place)


def sees_all_identities(actor: Actor, right: Right) -> bool:
    """Whether the actor sees identities wherever this right holds."""
    seen, wanted = actor.scope_of(Right.IDENTITIES_READ), actor.scope_of(right)
    return seen.everything or (
        not wanted.everything and wanted.organisations <= seen.organisations and wanted.locations <= seen.locations
    )
