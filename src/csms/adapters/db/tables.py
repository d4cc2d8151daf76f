"""Every table there is, gathered from the modules that own them."""

import csms.adapters.db.model
import csms.domain.accounts.model
import csms.domain.analytics.model
import csms.domain.audit.model
import csms.domain.authorization.model
import csms.domain.certificates.model
import csms.domain.commands.model
import csms.domain.configuration.model
import csms.domain.connections.model
import csms.domain.facts.model
import csms.domain.firmware.model
import csms.domain.local_lists.model
import csms.domain.quirks.model
import csms.domain.reservations.model
import csms.domain.security.model
import csms.domain.sessions.model
import csms.domain.smart_charging.model
import csms.domain.stations.model
import csms.kit.facts  # noqa: F401 - imported for their tables
from csms.kit.tables import Base

METADATA = Base.metadata
