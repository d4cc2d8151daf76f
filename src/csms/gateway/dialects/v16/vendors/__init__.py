"""What vendors' own DataTransfer messages mean (OCPP 1.6 §4.3): a module for each vendor id, named in `VENDORS`.

A handler gets the live station, the message id, the data as it came and the turn; it is pure like every decision.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from csms.gateway.dialects.v16.vendors import skylark
from csms.gateway.dialects.v16.vendors.answers import Answer
from csms.gateway.turn import LiveStation, Turn

VendorHandler = Callable[[LiveStation, str | None, str | None, Turn], Answer]

VENDORS: Final[Mapping[str, VendorHandler]] = MappingProxyType({skylark.VENDOR_ID: skylark.handle})
