"""The report of a part of the organisation in a cycle: one value that paper, slides and shared pages are made from.

Its figures are those of the dashboard (`domain.rollup`). Each slide and each chapter has a finding for its title.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.errors import Sentence
from app.domain.exported import ExportedPart, headline_words
from app.domain.investments import Investment, in_order
from app.domain.rollup import NOBODY, Distribution, sharing_first
from app.domain.rubric import Category

SHOWN = 8
"""Blocking statements that a report lists."""
OF_ONE_SIZE = 3
"""Investments of one statement, of two and of three that a report lists."""
NAMED = 3
"""Units that a finding names; of more it says how many they are."""


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
    def headline(self) -> Sentence:
        return headline_words(self.part)

    @property
    def distribution_finding(self) -> Sentence:
        head = self.part.headline
        if head is None:
            return Sentence("Nothing is agreed here yet")
        return Sentence(
            "%(number)s of %(teams)s stand at level %(level)s",
            number=head.at_level,
            teams=counted(head.teams),
            level=head.level,
        )

    @property
    def categories_finding(self) -> Sentence:
        """Which category is behind, by its median."""
        medians = {each.name: self.category(each).median for each in self.part.rubric.categories}
        known = {name: median for name, median in medians.items() if median is not None}
        if not known:
            return Sentence("No category has a level yet")
        least = min(known.values())
        if least == max(known.values()):
            return Sentence("Every category has its median at level %(level)s", level=least)
        return _apart(known)[1]

    @property
    def limits_finding(self) -> Sentence:
        limits = self.part.limits()
        if not limits:
            return Sentence("No category limits anybody")
        category, teams = limits[0]
        return Sentence(
            "%(category)s limits %(number)s of %(teams)s",
            category=category.name,
            number=teams,
            teams=counted(self.teams),
        )

    @property
    def units_finding(self) -> Sentence:
        medians = {each.name: each.overall.median for each in self.units if each.overall.median is not None}
        if not medians:
            return Sentence("No unit below has a result yet")
        least, most = min(medians.values()), max(medians.values())
        if least == most:
            return Sentence("Every unit has its overall median at level %(level)s", level=least)
        names, finding = _apart(medians)
        if len(names) > NAMED:
            return Sentence("The medians of the units lie between level %(low)s and %(high)s", low=least, high=most)
        return finding

    @property
    def blocks_finding(self) -> Sentence:
        blocks = self.part.blocks()
        if not blocks:
            return Sentence("No statement blocks anybody")
        most = blocks[0][1]
        alike = sharing_first(blocks)
        if alike > 1:
            return Sentence(
                "%(number)s statements each keep %(teams)s from the next level", number=alike, teams=counted(most)
            )
        return Sentence("One statement keeps %(teams)s from the next level", teams=counted(most))

    @property
    def best(self) -> Investment | None:
        """The smallest of the investments that lift most teams."""
        return max(self.part.investments, key=lambda each: (each.teams, -len(each.statements)), default=None)

    def shown_investments(self, most: int) -> list[Investment]:
        """The best of each size, as many as `most` of each, the small ones first."""
        of_size: dict[int, list[Investment]] = {}
        for each in self.part.investments:
            of_size.setdefault(len(each.statements), []).append(each)
        return [each for size in sorted(of_size) for each in of_size[size][:most]]

    @property
    def investments_finding(self) -> Sentence:
        """By the best of them."""
        best = self.best
        if best is None:
            return Sentence("No small investment lifts anybody by a level")
        lifted = {"number": best.teams, "teams": counted(self.teams)}
        if len(best.statements) == 1:
            return Sentence("One statement would lift %(number)s of %(teams)s by a level", **lifted)
        if len(best.statements) == 2:
            return Sentence("Two statements together would lift %(number)s of %(teams)s by a level", **lifted)
        return Sentence("Three statements together would lift %(number)s of %(teams)s by a level", **lifted)

    @property
    def trend_finding(self) -> Sentence:
        moves = self.part.moves
        if moves is None:
            return Sentence("This is the first cycle")
        return Sentence(
            "Since %(cycle)s %(rose)s rose, %(fell)s fell and %(stayed)s stayed",
            cycle=self.part.before,
            rose=moves.rose,
            fell=moves.fell,
            stayed=moves.stayed,
        )

    @property
    def levels_in_words(self) -> list[str]:
        return [f"{level} {name}" for level, name in self.part.level_names.items()]

    def steps(self) -> list[str]:
        """What to decide on: the statements of the best investment in the words of what to do, and what they lift."""
        if self.best:
            return [*(each.do for each in in_order(self.part.rubric, self.best)), self.investments_finding]
        return [
            Sentence("%(what)s (blocks %(teams)s)", what=statement.do, teams=counted(teams))
            for statement, teams in self.part.blocks()[:3]
        ]


def counted(teams: int) -> Sentence:
    return Sentence("1 team") if teams == 1 else Sentence("%(count)s teams", count=teams)


def joined(names: list[str]) -> str:
    """Names in a sentence."""
    if len(names) == 1:
        return names[0]
    return Sentence("%(names)s and %(last)s", names=", ".join(names[:-1]), last=names[-1])


def _apart(medians: Mapping[str, int]) -> tuple[list[str], Sentence]:
    """Those at the lowest median or, where they are fewer, at the highest; and the sentence that names them."""
    least, most = min(medians.values()), max(medians.values())
    behind, ahead = ([name for name, each in medians.items() if each == level] for level in (least, most))
    return (ahead, _ahead(ahead, most)) if len(ahead) < len(behind) else (behind, _behind(behind, least))


def _ahead(names: list[str], level: int) -> Sentence:
    if len(names) == 1:
        return Sentence("%(name)s is ahead: the median is level %(level)s", name=names[0], level=level)
    return Sentence("%(names)s are ahead: the median is level %(level)s", names=joined(names), level=level)


def _behind(names: list[str], level: int) -> Sentence:
    if len(names) == 1:
        return Sentence("%(name)s is behind: the median is level %(level)s", name=names[0], level=level)
    return Sentence("%(names)s are behind: the median is level %(level)s", names=joined(names), level=level)
