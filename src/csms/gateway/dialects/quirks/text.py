"""Text that is nearly JSON."""

import re
from typing import Final

# A string is matched first and stays as it is, an unterminated one to its end: so the search never looks at a byte twice.
_STRING: Final = rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)'
_GAP: Final = re.compile(rb"(" + _STRING + rb")(?:\s*+:\s*+(?=([,}])))?", re.DOTALL)
_COMMA: Final = re.compile(rb"(" + _STRING + rb")|,(?=\s*+[,}\]])|(?<=[{\[]),", re.DOTALL)


def without_gaps(data: bytes) -> bytes:
    """The text without members that have no value (`"transactionId":,`) and without commas that separate nothing."""
    return _COMMA.sub(
        lambda found: found[1] or b"", _GAP.sub(lambda found: found[1] if found[2] is None else b"", data)
    )
