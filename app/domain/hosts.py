"""Names of hosts that mean the machine itself."""

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
