"""Random tokens (cookies, API keys, set-up links), of which only the hash is kept."""

import hashlib

KEY_PREFIX = "csms_"


def fingerprint(token: str) -> bytes:
    """SHA-256; a token of 256 random bits needs no salt and no slow hash."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
