"""A rubric and a newer version of it, for properties across versions."""

from dataclasses import dataclass, replace

from hypothesis import strategies as st

from app.domain.rubric import Category, Rubric, Statement, StatementKind
from tests.domain.scoring_properties import Values
from tests.domain.strategies import rubrics, statement, values

OTHER_KIND = {StatementKind.GAP: StatementKind.PRACTICE, StatementKind.PRACTICE: StatementKind.GAP, None: None}
EDITS = ("none", "none", "drop", "text", "proof", "help", "do", "kind", "gate")


@dataclass(frozen=True)
class Versions:
    old: Rubric
    new: Rubric
    old_values: Values
    new_values: Values


@st.composite
def versions(draw: st.DrawFn) -> Versions:
    """Two versions of a rubric of either kind, with answers to each."""
    old = draw(rubrics())
    new = replace(old, categories=tuple(draw(edited(category)) for category in old.categories))
    return Versions(old, new, draw(values(old)), draw(values(new)))


@st.composite
def edited(draw: st.DrawFn, category: Category) -> Category:
    """Each gate keeps a statement, as it must; the last one of a category is left as it is."""
    *changing, last = category.statements
    kept = [*(draw(edited_statement(each)) for each in changing), last]
    added = statement(f"{category.key}-added", last.kind, last.level, last.gate)
    extra = [added] if draw(st.booleans()) else []
    return replace(category, statements=tuple(each for each in (*kept, *extra) if each is not None))


@st.composite
def edited_statement(draw: st.DrawFn, each: Statement) -> Statement | None:
    edit = draw(st.sampled_from(EDITS))
    if edit == "drop":
        return None
    if edit == "kind":
        return replace(each, kind=OTHER_KIND[each.kind])
    if edit == "gate":
        return replace(each, gate=each.gate and 1)
    return each if edit == "none" else replace(each, **{edit: "It reads otherwise now."})  # type: ignore[arg-type]
