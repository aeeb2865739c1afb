"""Names of hosts as requests bring them."""

import re

from app.domain.hosts import LOOPBACK as LOOPBACK

HOST = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?")


def host_name(host: str) -> str:
    """The name in a Host header, without its port and in lower case; empty for what is none."""
    found = HOST.fullmatch(host)
    return found[1].strip("[]").lower() if found else ""
