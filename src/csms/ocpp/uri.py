"""What a URI looks like, as a regular expression: RFC 3986 appendix A."""

from typing import Final

_UNRESERVED_AND_SUB_DELIMS = r"A-Za-z0-9._~!$&'()*+,;=\-"
_ESCAPE = r"%[0-9A-Fa-f]{2}"
_REG_NAME = rf"(?:[{_UNRESERVED_AND_SUB_DELIMS}]|{_ESCAPE})*"
_USERINFO = rf"(?:[{_UNRESERVED_AND_SUB_DELIMS}:]|{_ESCAPE})*"
_PCHAR = rf"(?:[{_UNRESERVED_AND_SUB_DELIMS}:@]|{_ESCAPE})"
_QUERY = rf"(?:{_PCHAR}|[/?])*"

_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_GROUP = r"[0-9A-Fa-f]{1,4}"
_LAST_32_BITS = rf"(?:{_GROUP}:{_GROUP}|{_OCTET}(?:\.{_OCTET}){{3}})"
_IPV6 = "|".join(
    (
        rf"(?:{_GROUP}:){{6}}{_LAST_32_BITS}",
        rf"::(?:{_GROUP}:){{5}}{_LAST_32_BITS}",
        *(rf"(?:(?:{_GROUP}:){{0,{n}}}{_GROUP})?::(?:{_GROUP}:){{{4 - n}}}{_LAST_32_BITS}" for n in range(5)),
        rf"(?:(?:{_GROUP}:){{0,5}}{_GROUP})?::{_GROUP}",
        rf"(?:(?:{_GROUP}:){{0,6}}{_GROUP})?::",
    )
)
_IP_LITERAL = rf"\[(?:{_IPV6}|[vV][0-9A-Fa-f]+\.[{_UNRESERVED_AND_SUB_DELIMS}:]+)\]"

_AUTHORITY = rf"(?:{_USERINFO}@)?(?:{_IP_LITERAL}|{_REG_NAME})(?::[0-9]*)?"
_SEGMENTS = rf"(?:/{_PCHAR}*)*"
_HIERARCHY = rf"(?://{_AUTHORITY}{_SEGMENTS}|/(?:{_PCHAR}+{_SEGMENTS})?|{_PCHAR}+{_SEGMENTS})?"

URI: Final = rf"\A[A-Za-z][A-Za-z0-9+.-]*:{_HIERARCHY}(?:\?{_QUERY})?(?:#{_QUERY})?\Z"
