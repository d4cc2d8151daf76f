"""OCPP 1.6J in the domain's words, by functional block."""

from csms.gateway.dialects.v16 import (
    certificates,
    charging,
    data_transfer,
    firmware,
    hardening,
    presence,
    security,
    told,
    verbs,
)
from csms.gateway.turn import Dialect
from csms.ocpp.v16 import PROTOCOL

DIALECT = Dialect(
    protocol=PROTOCOL,
    handlers=presence.HANDLERS
    | charging.HANDLERS
    | firmware.HANDLERS
    | security.HANDLERS
    | data_transfer.HANDLERS
    | certificates.HANDLERS
    | hardening.HANDLERS,
    instruct=verbs.instruct,
    outcome=verbs.outcome,
    learn=verbs.learn,
    told=told.told,
    discreet=hardening.discreet,
    come_again=presence.come_again,
)
