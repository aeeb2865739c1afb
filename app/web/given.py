"""All answers of a sheet on one page, to be read: what was claimed for a team, and the link that it came from."""

from dataclasses import dataclass

from app.domain.results import LadderCategory, PointsCategory, Result
from app.domain.rubric import Category, Rubric
from app.domain.scoring import score
from app.web.result import Given, given_answer
from app.web.sheet import OpenSheet
from app.web.texts import Translated


@dataclass(frozen=True, slots=True)
class GivenCategory:
    category: Category
    figures: LadderCategory | PointsCategory
    answers: tuple[Given, ...]


@dataclass(frozen=True, slots=True)
class GivenPage:
    sheet: OpenSheet
    result: Result
    categories: tuple[GivenCategory, ...]

    @property
    def rubric(self) -> Rubric:
        return self.sheet.rubric


def given_page(sheet: OpenSheet, translated: Translated) -> GivenPage:
    result = score(sheet.rubric, sheet.values)
    figures = {one.key: one for one in result.categories}
    return GivenPage(
        sheet,
        result,
        tuple(
            GivenCategory(
                category,
                figures[category.key],
                tuple(given_answer(sheet, statement, translated) for statement in category.statements),
            )
            for category in sheet.rubric.categories
        ),
    )
