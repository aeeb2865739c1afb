"""Uses a running server as a visitor without script does, with nothing but the standard library.

    python3 tools/first_answer.py http://127.0.0.1:8000 [--wait SECONDS]

A server that does not listen yet is waited for; one that answers with an error ends this with status 1.
"""

import argparse
import sys
import time
import urllib.error
import urllib.request

PAGES = ("/health", "/ready", "/")


def main() -> None:
    parser = argparse.ArgumentParser(description="Uses a running server as a visitor without script does.")
    parser.add_argument("address")
    parser.add_argument("--wait", type=float, default=0, metavar="SECONDS", help="for a server that starts")
    given = parser.parse_args()
    address = given.address.rstrip("/")
    if not listens(address, time.monotonic() + given.wait):
        sys.exit(1)
    for page in PAGES:
        print(page, "answers", fetched(address + page))


def listens(address: str, until: float) -> bool:
    """Whether anything answers before that time."""
    while True:
        try:
            fetched(address + PAGES[0])
        except urllib.error.HTTPError:
            return True
        except OSError:
            if time.monotonic() > until:
                return False
            time.sleep(0.05)
        else:
            return True


def fetched(url: str) -> int:
    """The status of a page that was found. Raises HTTPError for any other."""
    with urllib.request.urlopen(url, timeout=30) as answer:
        answer.read()
        status: int = answer.status
        return status


if __name__ == "__main__":
    main()
