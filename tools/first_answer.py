"""Uses a running server as a visitor without script does, with nothing but the standard library.

    python3 tools/first_answer.py http://127.0.0.1:8000 [--wait SECONDS]

It begins a quick check, picks a level, and finds it in the result. A server that does not listen yet is waited for;
whatever else goes wrong ends this with status 1.
"""

import argparse
import json
import re
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from urllib.parse import urlencode

PAGES = ("/health", "/ready", "/")
RUBRIC = "gigaom-mlops"
CATEGORY, LEVEL = "governance", 2


def main() -> None:
    parser = argparse.ArgumentParser(description="Uses a running server as a visitor without script does.")
    parser.add_argument("address")
    parser.add_argument("--wait", type=float, default=0, metavar="SECONDS", help="for a server that starts")
    given = parser.parse_args()
    address = given.address.rstrip("/")
    if not listens(address, time.monotonic() + given.wait):
        sys.exit(1)
    for page in PAGES:
        fetched(address + page)
        print(page, "answers")
    print(f"a first answer is saved: {CATEGORY} stands at level {first_answer(address)}")


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


def first_answer(address: str) -> int:
    """The level of the category after a pick, as the result's file says. Raises SystemExit where it is another."""
    check, sheet = fetched(f"{address}/check/{RUBRIC}", {})
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', sheet))
    fetched(f"{check}/answers", fields | {"pick": f"{CATEGORY}.{LEVEL}"})
    result = json.loads(fetched(f"{check}/result.json")[1])
    level: int = result["categories"][CATEGORY]["level"]
    if level != LEVEL:
        sys.exit(f"The pick of level {LEVEL} made level {level}.")
    return level


def fetched(url: str, form: Mapping[str, str] | None = None) -> tuple[str, str]:
    """Where it led to, and the text of what was found there. Raises HTTPError where that is an error."""
    body = None if form is None else urlencode(form).encode()
    with urllib.request.urlopen(url, body, timeout=30) as answer:
        return answer.url, answer.read().decode()


if __name__ == "__main__":
    main()
