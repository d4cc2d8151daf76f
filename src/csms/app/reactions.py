"""Who reacts to which facts."""

from typing import Final

from csms.domain.analytics.reactions import DAILY_TOTALS
from csms.domain.facts.reaction import Reactions

REACTIONS: Final[Reactions] = {"daily_totals": DAILY_TOTALS}
