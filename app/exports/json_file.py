"""A part of the organisation as one JSON document, written a team at a time. Its shape is told in docs/exports.md."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.domain.exported import Exported, ExportedPart, ExportedTeam, headline_words
from app.domain.exports import written
from app.domain.rollup import Distribution, Movement

FORMAT = "shortstave export 1"


def write_json(exported: Exported, path: Path) -> None:
    """Write the whole document. Each team is a line of it."""
    with path.open("x", encoding="utf-8") as file:
        head = _dumped(summary(exported.part))
        file.write(head.removesuffix("}") + ',\n"teams": [')
        for place, team in enumerate(exported.teams(True)):
            file.write((",\n" if place else "\n") + _dumped(_team(team)))
        file.write("\n]}\n")


def summary(part: ExportedPart) -> dict[str, Any]:
    """All of the document but its teams."""
    rubric, overview = part.rubric, part.overview
    return {
        "format": FORMAT,
        "organisation": part.organisation,
        "unit": part.unit or None,
        "cycle": {"name": part.cycle, "opens_on": part.opens_on.isoformat(), "due_on": part.due_on.isoformat()},
        "compared_with": part.before or None,
        "rubric": {"key": rubric.key, "version": part.version, "title": rubric.title, "kind": rubric.kind.value},
        "levels": [{"level": level, "name": name} for level, name in part.level_names.items()],
        "made_at": part.made_at.isoformat(),
        "listed": written(part.filters) | ({"since": part.before} if part.before else {}),
        "headline": headline_words(part),
        "overall": _distribution(overview.overall),
        "categories": [
            {"key": category.key, "name": category.name, **_distribution(of)}
            for category, of in part.distributions()
            if category
        ],
        "limits": [{"category": category.key, "teams": teams} for category, teams in part.limits()],
        "blocks": [{"statement": statement.key, "teams": teams} for statement, teams in part.blocks()],
        "investments": [{"statements": list(each.statements), "teams": each.teams} for each in part.investments],
        "movement": _movement(part.moves) if part.moves else None,
    }


def _distribution(of: Distribution) -> dict[str, Any]:
    return {
        "teams": of.teams,
        "at_level": {str(level): teams for level, teams in of.counts.items()},
        "floor": of.floor,
        "median": of.median,
        "upper_quartile": of.upper_quartile,
    }


def _movement(moves: Movement) -> dict[str, Any]:
    return {
        "rose": moves.rose,
        "stayed": moves.stayed,
        "fell": moves.fell,
        "joined": _at_level(moves.joined.counts),
        "left": _at_level(moves.left.counts),
        "flows": [{"from": then, "to": now, "teams": teams} for (then, now), teams in moves.flows.items()],
    }


def _at_level(counts: Mapping[int, int]) -> dict[str, int]:
    return {str(level): teams for level, teams in counts.items()}


def _team(team: ExportedTeam) -> dict[str, Any]:
    return {
        "team": team.team,
        "ml_system": team.system or None,
        "units": list(team.units),
        "rubric_version": team.version,
        "agreed_at": team.agreed_at.isoformat(),
        "overall": team.overall,
        "overall_before": team.then,
        "levels": dict(team.levels),
        "limiting": list(team.limiting),
        "blockers": list(team.unmet),
        "answers": {
            statement.key: {
                "value": answer.value,
                "counts": answer.counts,
                "reason": answer.reason,
                "note": answer.note,
            }
            for _, statement, answer in team.statements()
        },
    }


def _dumped(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))
