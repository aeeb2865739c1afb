"""Write the schemas of our files anew, after a change of the format: `python -m tools.schemas`. A test compares."""

import json
from pathlib import Path

from app.domain.schemas import SCHEMAS

FOLDER = Path(__file__).parents[1] / "schemas"


def written(name: str) -> str:
    """The schema as the file in the repository holds it."""
    return json.dumps(SCHEMAS[name](), indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    for name in SCHEMAS:
        (FOLDER / f"{name}.json").write_text(written(name), encoding="utf-8")


if __name__ == "__main__":
    main()
