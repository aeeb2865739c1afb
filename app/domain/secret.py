"""Secrets that stand in links and cookies: what is kept of them."""

import hashlib


def digest(secret: str) -> bytes:
    """What is kept of a secret. The secret has 256 bits of chance, so a plain hash is enough."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
