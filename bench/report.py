"""The figures for people, as a table of ratios, and for machines, as JSON."""

import datetime
import json
import os
import platform
import sqlite3
import subprocess
from collections.abc import Iterable
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.dashboard import Timed
from bench.measuring import Measured, Plan, Written
from bench.sides import FLOOR, PRODUCT
from tests.server import HERE

LIBRARIES = ("fastapi", "starlette", "uvicorn", "sqlalchemy", "psycopg", "asyncpg", "jinja2")
HEAD = ("database", "operation", "ratio", "product/s", "floor/s", "product p50, p99 ms", "floor p50, p99 ms")


def line(measured: Measured) -> tuple[str, ...]:
    """One line of the table."""
    lowest, highest = min(measured.ratios), max(measured.ratios)
    return (
        measured.database,
        measured.operation,
        f"{measured.ratio:.2f} ({lowest:.2f} to {highest:.2f})",
        f"{measured.rate(PRODUCT):.0f}",
        f"{measured.rate(FLOOR):.0f}",
        *(f"{measured.p50(side):.1f}, {measured.p99(side):.1f}" for side in (PRODUCT, FLOOR)),
    )


def table(lines: Iterable[tuple[str, ...]], head: tuple[str, ...] = HEAD) -> str:
    """As Markdown, so that it can be copied into the guide."""
    rows = [head, *lines]
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    text = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    return "\n".join([text[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *text[1:]])


def facts() -> dict[str, Any]:
    """Where and with what it was measured."""
    return {
        "at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "commit": _git("rev-parse", "HEAD"),
        "changed_since": bool(_git("status", "--porcelain", "--untracked-files=no")),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "libraries": {name: version(name) for name in LIBRARIES},
        "system": platform.system(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "load_before": os.getloadavg() if hasattr(os, "getloadavg") else None,
    }


def _git(*words: str) -> str:
    try:
        return subprocess.run(["git", *words], capture_output=True, text=True, cwd=HERE, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def write(
    file: Path,
    found: dict[str, Any],
    plan: Plan,
    all_measured: list[Measured],
    written: list[Written],
    timed: list[Timed],
) -> None:
    """All figures of a run; the folder is made where it is missing."""
    file.parent.mkdir(parents=True, exist_ok=True)
    content = {
        **found,
        "plan": asdict(plan),
        "measured": [asdict(each) | {"ratio": each.ratio, "ratios": each.ratios} for each in all_measured],
        "written": [asdict(each) for each in written],
        "dashboard": [asdict(each) for each in timed],
    }
    file.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
