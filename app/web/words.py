"""Answers in words, for every page that names one."""

from app.domain.answers import Value
from app.domain.rubric import Rubric, Statement
from app.web.texts import Translated


def answer_word(rubric: Rubric, statement: Statement, value: Value | str | None, translated: Translated) -> str:
    """An answer in the rubric's own words, or in ours where the rubric has none."""
    if not value:
        return translated.gettext("not answered")
    if value == Value.UNKNOWN:
        return translated.gettext("don’t know")
    if value == Value.NOT_APPLICABLE:
        return translated.gettext("not applicable")
    return rubric.words(statement)[Value(value).halves or 0].name
