"""Whom an encrypted connection to another server is believed: the machine's own list of authorities."""

import functools
import ssl


def trusted() -> ssl.SSLContext:
    """For connections to servers whose name is proven by an authority that this machine trusts.

    Reading the list takes a fifth of a second and more, so it is read once: a new authority is trusted from the next
    start on.
    """
    return _read(ssl.get_default_verify_paths())


@functools.lru_cache(maxsize=4)
def _read(_paths: ssl.DefaultVerifyPaths) -> ssl.SSLContext:
    return ssl.create_default_context()
