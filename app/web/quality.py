"""The rubric's quality: what people's answers tell about the wording of a version's statements."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.domain.people import Actor
from app.domain.quality import WORTH_A_LOOK, Clarity, clarity, first_to_look_at
from app.domain.rubric import Rubric
from app.exports.cells import as_text
from app.queries import rubrics
from app.queries.quality import MOST_SHEETS, tallied
from app.queries.rubrics import RubricVersion
from app.web.deps import Db, Me
from app.web.downloads import download
from app.web.drafts import studio_of
from app.web.render import render

router = APIRouter()

COLUMNS = (
    "category", "key", "text", "sheets",
    "unknown_percent", "not_applicable_percent", "differing_percent", "edited_percent",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Share:
    """A share in whole percent, and whether it is large enough to be named; None is not shown."""

    percent: int | None
    large: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A statement. `shares` are don't know, not applicable, differing and edited, as the columns stand."""

    key: str
    text: str
    category: str
    sheets: int
    shares: Sequence[Share]


@dataclass(frozen=True, slots=True)
class QualityPage:
    """`first` are the statements to look at, the least clear first; `hidden` counts those without figures."""

    version: RubricVersion
    lines: Sequence[Line]
    first: Sequence[Line]
    hidden: int
    least: int
    sheets: int
    most: int

    @property
    def rubric(self) -> Rubric:
        return self.version.rubric


@router.get("/rubrics/versions/{version_id}/quality", name="rubric-quality")
def shown(request: Request, db: Db, me: Me, version_id: int) -> Response:
    return render(request, "studio/quality.html", _page(db, me, version_id))


@router.get("/rubrics/versions/{version_id}/quality.csv", name="rubric-quality-csv")
def csv_file(db: Db, me: Me, version_id: int) -> Response:
    """The same as a table. The mark at the beginning tells Excel that the file is in UTF-8."""
    page = _page(db, me, version_id)
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(COLUMNS)
    table.writerows(_rows(page.lines))
    name = f"{page.rubric.key}-{page.version.number}-quality.csv"
    return download("\ufeff" + text.getvalue(), "text/csv; charset=utf-8", name)


def _page(db: Db, me: Actor, version_id: int) -> QualityPage:
    connection, organisation_id = db.connection(), studio_of(me).organisation_id
    version = rubrics.published(connection, organisation_id, version_id)
    counted = tallied(connection, organisation_id, version_id)
    found = clarity(version.rubric, counted.counted, counted.least)
    lines = [_line(version.rubric, each) for each in found]
    return QualityPage(
        version,
        lines,
        lines[: len(first_to_look_at(found))],
        sum(not each.sheets for each in found),
        counted.least,
        counted.sheets,
        MOST_SHEETS,
    )


def _line(rubric: Rubric, of: Clarity) -> Line:
    shares = (of.unknown, of.not_applicable, of.differing, of.edited)
    statement = rubric.statements[of.statement]
    category = rubric.category_by_key[of.category].name
    return Line(of.statement, statement.text, category, of.sheets, [_share(each) for each in shares])


def _share(of: Fraction | None) -> Share:
    return Share(None, False) if of is None else Share(round(100 * of), of >= WORTH_A_LOOK)


def _rows(lines: Sequence[Line]) -> Iterator[Sequence[str]]:
    for each in lines:
        shares = ["" if share.percent is None else str(share.percent) for share in each.shares]
        yield [as_text(each.category), each.key, as_text(each.text), str(each.sheets or ""), *shares]
