"""The report of a part of the organisation in a cycle: one value that paper, slides and shared pages are made from.

Its figures are those of the dashboard (`domain.rollup`). Each slide and each chapter has a finding for its title.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.exported import ExportedPart, headline_words
from app.domain.rollup import NOBODY, Distribution
from app.domain.rubric import Category

SHOWN = 8
"""Investments and blocking statements that a report lists."""


@dataclass(frozen=True, slots=True)
class UnitFigures:
    """A unit right below the part, with the distributions of all its teams."""

    name: str
    overall: Distribution
    categories: Mapping[str, Distribution]


@dataclass(frozen=True, slots=True)
class Moment:
    """A cycle of the trend, by its name."""

    name: str
    overall: Distribution


@dataclass(frozen=True, slots=True)
class OrganisationReport:
    """`units` are those with a result, by name; `trend` ends with the cycle of the report. `logo` may be empty."""

    part: ExportedPart
    earlier: Distribution | None
    trend: tuple[Moment, ...]
    units: tuple[UnitFigures, ...]
    logo: bytes = b""
    logo_type: str = ""

    @property
    def teams(self) -> int:
        return self.part.overview.teams

    @property
    def title(self) -> str:
        return f"{self.part.unit or self.part.organisation}: {self.part.cycle}"

    def category(self, category: Category) -> Distribution:
        """Its levels; nobody's where nothing of it applied."""
        return self.part.overview.categories.get(category.key, NOBODY)

    @property
    def headline(self) -> str:
        return headline_words(self.part)

    @property
    def distribution_finding(self) -> str:
        head = self.part.headline
        if head is None:
            return "Nothing is agreed here yet"
        return f"{head.at_level} of {counted(head.teams)} stand at level {head.level}"

    @property
    def categories_finding(self) -> str:
        """Which category is behind, by its median."""
        medians = {each.name: self.category(each).median for each in self.part.rubric.categories}
        known = {name: median for name, median in medians.items() if median is not None}
        if not known:
            return "No category has a level yet"
        least, most = min(known.values()), max(known.values())
        if least == most:
            return f"Every category has its median at level {least}"
        behind = [name for name, median in known.items() if median == least]
        ahead = [name for name in known if name not in behind]
        if len(ahead) < len(behind):
            return f"{joined(ahead)} {'is' if len(ahead) == 1 else 'are'} ahead: elsewhere the median is level {least}"
        return f"{joined(behind)} {'is' if len(behind) == 1 else 'are'} behind: the median is level {least}"

    @property
    def limits_finding(self) -> str:
        limits = self.part.limits()
        if not limits:
            return "No category limits anybody"
        category, teams = limits[0]
        return f"{category.name} limits {teams} of {counted(self.teams)}"

    @property
    def units_finding(self) -> str:
        medians = {each.name: each.overall.median for each in self.units if each.overall.median is not None}
        if len(set(medians.values())) < 2:
            return "The units stand alike" if medians else "No unit below has a result yet"
        low, high = min(medians, key=medians.__getitem__), max(medians, key=medians.__getitem__)
        return f"{high} is ahead with a median of level {medians[high]}, {low} stands at {medians[low]}"

    @property
    def blocks_finding(self) -> str:
        blocks = self.part.blocks()
        if not blocks:
            return "No statement blocks anybody"
        return f"One statement keeps {counted(blocks[0][1])} from the next level"

    @property
    def investments_finding(self) -> str:
        """By the smallest of those that lift most teams."""
        every = self.part.investments
        if not every:
            return "No small investment lifts anybody by a level"
        best = max(every, key=lambda each: (each.teams, -len(each.statements)))
        number = ("One statement", "Two statements together", "Three statements together")[len(best.statements) - 1]
        return f"{number} would lift {best.teams} of {counted(self.teams)} by a level"

    @property
    def trend_finding(self) -> str:
        moves = self.part.moves
        if moves is None:
            return "This is the first cycle"
        return f"Since {self.part.before} {moves.rose} rose, {moves.fell} fell and {moves.stayed} stayed"

    @property
    def levels_in_words(self) -> list[str]:
        return [f"{level} {name}" for level, name in self.part.level_names.items()]

    def steps(self) -> list[str]:
        """What to decide on: the best single investments in the words of what to do."""
        known = self.part.rubric.statements
        single = [each for each in self.part.investments if len(each.statements) == 1][:3]
        if single:
            return [f"{known[each.statements[0]].do} ({counted(each.teams)} would rise)" for each in single]
        return [f"{statement.do} (blocks {counted(teams)})" for statement, teams in self.part.blocks()[:3]]


def counted(teams: int) -> str:
    return "1 team" if teams == 1 else f"{teams} teams"


def joined(names: list[str]) -> str:
    """Names in a sentence."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
