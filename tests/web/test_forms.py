"""Forms: what was typed comes back with a sentence at the field that is wrong; nobody sets what was not asked for."""

from typing import Annotated, Literal

import pytest
from starlette.datastructures import FormData, UploadFile

from app.domain.errors import Conflict, DomainError, Invalid
from app.web.forms import WHOLE, Form, Number, Secret, acted, check, filled, line, lines


class TeamForm(Form):
    name: Annotated[str, line(20)]
    kind: Literal["small", "large"] = "small"
    unit: Number | None = None
    members: tuple[Number, ...] = ()
    about: Annotated[str, lines(100)] = ""
    password: Secret = ""
    open: bool = False


def test_it_works() -> None:
    checked = check(TeamForm, FormData([("name", " Fraud "), ("unit", "7"), ("members", "1"), ("members", "2")]))

    assert checked.form == TeamForm(name="Fraud", unit=7, members=(1, 2))
    assert checked.problems == {}


def test_a_blank_field_counts_as_not_given() -> None:
    checked = check(TeamForm, FormData([("name", "Fraud"), ("unit", " "), ("about", ""), ("members", "")]))

    assert checked.form == TeamForm(name="Fraud")


@pytest.mark.parametrize(
    ("field", "typed", "problem"),
    [
        ("name", "  ", "Fill this in."),
        ("name", "n" * 21, "This text is too long: 21 characters, where 20 fit."),
        ("name", "two\r\nlines", "This must be one line."),
        ("kind", "huge", "This is none of the choices."),
        ("unit", "seven", "This must be a whole number."),
        ("unit", "9" * 19, "This number is too large."),
        ("unit", "9" * 5000, "This number is too large."),
        ("members", "x", "This must be a whole number."),
        ("open", "perhaps", "This must be yes or no."),
    ],
)
def test_what_was_typed_comes_back_with_a_sentence(field: str, typed: str, problem: str) -> None:
    fields = {"name": "Fraud", "about": "as typed "} | {field: typed}
    checked = check(TeamForm, FormData(fields))

    assert checked.form is None
    assert checked.problem(field) == problem
    assert (checked.value(field), checked.value("about")) == (typed, "as typed ")


@pytest.mark.parametrize("typed", ["nul\x00", "\ud800", "bell\x07", "\x85", "x" * 20_001])
def test_what_no_text_holds_is_refused_and_not_shown_again(typed: str) -> None:
    checked = check(TeamForm, FormData({"name": typed, "about": "stays"}))

    assert checked.form is None
    assert checked.problem("name")
    assert (checked.value("name"), checked.value("about")) == ("", "stays")


@pytest.mark.parametrize(
    "more",
    [[("admin", "1")], [("organisation_id", "1")], [("", "x")], [("\x00", "\x00")], [("\ud800", "")]],
)
def test_what_was_not_asked_for_is_refused(more: list[tuple[str, str]]) -> None:
    checked = check(TeamForm, FormData([("name", "Fraud"), *more]))

    assert checked.form is None
    assert "does not ask for" in checked.problem()
    assert set(checked.typed) == {"name"}


def test_one_value_for_one_field() -> None:
    checked = check(TeamForm, FormData([("name", "Fraud"), ("name", "Risk")]))

    assert checked.problem("name") == "This was sent more than once."
    assert checked.form is None


def test_a_file_is_no_text(tmp_path: object) -> None:
    upload = UploadFile(file=None, filename="x")  # type: ignore[arg-type]
    checked = check(TeamForm, FormData([("name", upload)]))

    assert checked.problem("name") == "Fill this in."


def test_a_password_is_taken_as_it_was_typed() -> None:
    checked = check(TeamForm, FormData({"name": "Fraud", "password": " with blanks "}))

    assert checked.form is not None
    assert checked.form.password == " with blanks "


def test_a_form_is_filled_with_what_there_is() -> None:
    form = filled(TeamForm, name="Fraud", unit=None, members=[1, 2], open=True)

    assert (form.value("name"), form.value("unit"), form.value("open")) == ("Fraud", "", "1")
    assert form.has("members", 2)
    assert not form.has("members", 3)
    assert form.problem() == ""


def test_an_action_may_refuse_as_well() -> None:
    checked = check(TeamForm, FormData({"name": "Fraud"})).refused(Invalid("There is one already."), "name")

    assert checked.form is None
    assert (checked.problem("name"), checked.problem(WHOLE)) == ("There is one already.", "")


def test_acting_takes_a_form_that_is_right_alone() -> None:
    names: list[str] = []

    def act(form: TeamForm) -> None:
        names.append(form.name)

    assert acted(TeamForm, FormData({"name": "Fraud"}), act, "name").form == TeamForm(name="Fraud")
    assert acted(TeamForm, FormData({"name": ""}), act, "name").problem("name") == "Fill this in."
    assert names == ["Fraud"]


@pytest.mark.parametrize("error", [Invalid("No."), Conflict("No.")])
def test_what_acting_refuses_stands_at_the_field(error: DomainError) -> None:
    def act(_form: TeamForm) -> None:
        raise error

    tried = acted(TeamForm, FormData({"name": "Fraud"}), act, "name")

    assert tried.form is None
    assert (tried.problem("name"), tried.value("name")) == ("No.", "Fraud")
