"""Forms are pydantic models, checked by hand, so that a page comes back with what was typed and what is wrong with it.

    class RenameForm(Form):
        name: Annotated[str, line(200)]

    checked = check(RenameForm, posted)
    if checked.form is None:
        return render(request, "teams/team.html", TeamPage(team, checked), 422)

or, where an action may refuse as well:

    checked = acted(RenameForm, posted, lambda form: rename_team(db, me, team_id, form.name, now), "name")

A field that was left blank counts as not given: its default is taken, and one without default asks to be filled in.
"""

import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Generic, TypeVar, Union, get_args, get_origin

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError
from pydantic_core import PydanticCustomError
from starlette.datastructures import FormData

from app.domain.errors import Conflict, DomainError, Invalid, Sentence
from app.domain.text import plain

LONGEST = 20_000
"""Characters of any field that sets no narrower limit."""

NUMBER_LIMIT = 2**63
WHOLE = ""
"""Under this name stands a problem of the form as a whole."""

SENTENCES: Mapping[str, str] = {
    "missing": Sentence("Fill this in."),
    "int_parsing": Sentence("This must be a whole number."),
    "int_parsing_size": Sentence("This number is too large."),
    "int_type": Sentence("This must be a whole number."),
    "bool_parsing": Sentence("This must be yes or no."),
    "date_parsing": Sentence("This must be a day."),
    "date_from_datetime_parsing": Sentence("This must be a day."),
    "date_from_datetime_inexact": Sentence("This must be a day."),
    "enum": Sentence("This is none of the choices."),
    "literal_error": Sentence("This is none of the choices."),
}
"""What people read where pydantic refuses; our own validators bring their sentence along."""

OURS = "invalid"
UNFIT = Sentence("This does not fit.")
UNASKED = Sentence("The form holds something that it does not ask for. Nothing was changed.")


class Form(BaseModel):
    """The base of all forms: what it has no field for is refused, so that nobody sets what was not offered."""

    model_config = ConfigDict(extra="forbid", frozen=True)


F = TypeVar("F", bound=Form)


@dataclass(frozen=True, slots=True)
class Checked(Generic[F]):
    """What came of a form: the form or None, what was typed, and the problems in words, both by field."""

    form: F | None
    typed: Mapping[str, tuple[str, ...]]
    problems: Mapping[str, str]

    def value(self, field: str) -> str:
        """What was typed into a field, to be shown again; never show a password so."""
        return next(iter(self.typed.get(field, ())), "")

    def has(self, field: str, value: object) -> bool:
        """Whether this choice was among those made."""
        return str(value) in self.typed.get(field, ())

    def problem(self, field: str = WHOLE) -> str:
        return self.problems.get(field, "")

    def refused(self, error: DomainError | str, field: str = WHOLE) -> "Checked[F]":
        """The same, with what an action found wrong."""
        return replace(self, form=None, problems={**self.problems, field: Sentence(str(error))})


def filled(_form: type[F], **values: object) -> Checked[F]:
    """A form that nobody sent yet, with what stands in its fields at first."""
    return Checked(None, {name: _texts(value) for name, value in values.items() if value is not None}, {})


def check(form: type[F], posted: FormData) -> Checked[F]:
    """The form that was sent; None in place of it where anything is wrong, and the problems by field."""
    typed, problems, given = dict[str, tuple[str, ...]](), dict[str, str](), dict[str, Any]()
    for name in posted:
        values = tuple(value for value in posted.getlist(name) if isinstance(value, str))
        field = form.model_fields.get(name)
        if field is None:
            problems[WHOLE] = UNASKED
        elif problem := _unfit(values):
            # What cannot be stored cannot be shown again either.
            problems[name] = problem
        else:
            typed[name] = values
            given |= _given(name, values, many=_takes_many(field.annotation))
            if len(values) > 1 and not _takes_many(field.annotation):
                problems[name] = Sentence("This was sent more than once.")
    try:
        valid = form.model_validate(given)
    except ValidationError as error:
        return Checked(None, typed, _by_field(error) | problems)
    return Checked(None if problems else valid, typed, problems)


def acted(form: type[F], posted: FormData, act: Callable[[F], object], field: str = WHOLE) -> Checked[F]:
    """The form that was sent, after `act` was done with it; as it was refused, where it was, by `check` or by `act`.

    Where `act` raises Invalid or Conflict, the reason stands at `field`.
    """
    checked = check(form, posted)
    if checked.form is None:
        return checked
    try:
        act(checked.form)
    except (Invalid, Conflict) as reason:
        return checked.refused(reason, field)
    return checked


def _given(name: str, values: tuple[str, ...], *, many: bool) -> dict[str, Any]:
    filled_in = [value for value in values if value.strip()]
    if many:
        return {name: filled_in}
    return {name: filled_in[0]} if filled_in else {}


def refused(sentence: str, /, **values: object) -> PydanticCustomError:
    """For a form's own validators: `raise refused("There is no such time zone.")`."""
    return PydanticCustomError(OURS, "{sentence}", {"sentence": Sentence(sentence, **values)})


def line(limit: int) -> AfterValidator:
    """For texts of one line: what surrounds them is cut off, and they hold no line end."""

    def checked(text: str) -> str:
        text = _plain(text.strip(), limit)
        if "\n" in text or "\t" in text:
            raise refused("This must be one line.")
        return text

    return AfterValidator(checked)


def lines(limit: int) -> AfterValidator:
    """For texts of several lines."""
    return AfterValidator(lambda text: _plain(text.strip(), limit))


def _exact(text: str) -> str:
    return _plain(text, LONGEST)


Secret = Annotated[str, AfterValidator(_exact)]
"""A password: taken as it was typed."""


def _in_range(number: int) -> int:
    if abs(number) >= NUMBER_LIMIT:
        raise refused("This number is too large.")
    return number


Number = Annotated[int, AfterValidator(_in_range)]
"""The number of a row."""


def _plain(text: str, limit: int) -> str:
    try:
        return plain(text, limit)
    except Invalid as unfit:
        raise refused(str(unfit)) from None


def _unfit(values: tuple[str, ...]) -> str:
    """What is wrong with texts that no field takes, and that could not even be shown again; empty if nothing is."""
    try:
        for value in values:
            plain(value, LONGEST)
    except Invalid as unfit:
        return str(unfit)
    return ""


def _by_field(error: ValidationError) -> dict[str, str]:
    problems: dict[str, str] = {}
    for problem in error.errors(include_url=False, include_input=False):
        name = str(problem["loc"][0]) if problem["loc"] else WHOLE
        sentence = problem["ctx"]["sentence"] if problem["type"] == OURS else SENTENCES.get(problem["type"], UNFIT)
        problems.setdefault(name, sentence)
    return problems


def _takes_many(annotation: Any) -> bool:
    origin = get_origin(annotation)
    if origin in (Union, types.UnionType):
        return any(_takes_many(part) for part in get_args(annotation))
    return origin in (list, tuple, set, frozenset)


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, (list, tuple, set, frozenset)):
        return tuple(str(each) for each in value)
    if isinstance(value, bool):
        return ("1",) if value else ()
    return (str(value),)
