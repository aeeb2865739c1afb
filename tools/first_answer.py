"""Uses a running server as a visitor without script does, with nothing but the standard library.

    python3 tools/first_answer.py http://127.0.0.1:8000 [--only-ready]

It waits for nothing: a server that does not answer is an error with status 1.
"""

import sys
import urllib.request

PAGES = ("/health", "/ready", "/")


def main() -> None:
    address = sys.argv[1].rstrip("/")
    for page in PAGES:
        status = fetched(address + page)
        if "--only-ready" not in sys.argv[2:]:
            print(page, "answers", status)


def fetched(url: str) -> int:
    """The status of a page that was found; an OSError otherwise, which ends this program with status 1."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        answer.read()
        status: int = answer.status
        return status


if __name__ == "__main__":
    main()
