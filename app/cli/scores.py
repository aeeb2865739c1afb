"""`shortstave score` and `shortstave advise`: files in, a result or the next steps out, without any database."""

import json
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Annotated

import typer

from app.cli.files import contents, fail, named_rubric, printable
from app.cli.report import advice_report, score_report
from app.domain.advice import advice_json, next_steps, way
from app.domain.answers import Value
from app.domain.answers_file import read_answers, rubric_key
from app.domain.errors import DomainError
from app.domain.rubric import Rubric
from app.domain.rubric_file import shipped
from app.domain.scoring import result_json
from app.domain.scoring import score as scored
from app.domain.yaml_file import read_yaml

BELOW = 1
LONGEST_NUMBER = 20


def exact(text: str) -> Fraction:
    """A number of the command line, exactly; without exponents, which could stand for a number of any length."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if len(text) > LONGEST_NUMBER or "e" in text.lower() or not number.is_finite():
        raise typer.BadParameter("give a number such as 2 or 2.5.")
    return Fraction(number)


Files = Annotated[
    list[str],
    typer.Argument(
        metavar="[RUBRIC] ANSWERS",
        help="The file of answers, after a rubric file or a key where it names no shipped rubric.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
FailUnder = Annotated[
    Fraction | None, typer.Option(parser=exact, metavar="N", help="End with status 1 where the result is below N.")
]
TargetLevel = Annotated[
    Fraction | None, typer.Option("--target", parser=exact, metavar="N", help="The level or score to reach.")
]


def score(files: Files, as_json: AsJson = False, fail_under: FailUnder = None) -> None:
    """Score a file of answers: the level or score, its interval, and what holds it down."""
    instrument, values = given(files)
    result = scored(instrument, values)
    typer.echo(shown(result_json(instrument, result)) if as_json else score_report(instrument, values, result))
    if fail_under is not None and (result.overall is None or result.overall < fail_under):
        raise typer.Exit(BELOW)


def advise(files: Files, target: TargetLevel = None, as_json: AsJson = False) -> None:
    """Say what to do next, first things first, and the way to one level more or to the target."""
    instrument, values = given(files)
    try:
        on_the_way = way(instrument, values, target)
    except DomainError as error:
        fail(error)
    if as_json:
        typer.echo(shown(advice_json(instrument, values, target)))
        return
    steps = next_steps(instrument, values, scored(instrument, values), target)
    typer.echo(advice_report(instrument, on_the_way, steps))


def given(files: list[str]) -> tuple[Rubric, dict[str, Value]]:
    """The rubric and the answers that the command line names; ends the command where a file breaks its format."""
    if len(files) > 2:
        raise typer.BadParameter("name one rubric at most, and one file of answers.")
    *rubric_named, name = files
    try:
        data = contents(name)
        rubric = named_rubric(rubric_named[0]).rubric if rubric_named else named_in(data, name)
        return rubric, read_answers(data, printable(name), rubric).values()
    except DomainError as error:
        fail(error)


def named_in(data: bytes, name: str) -> Rubric:
    """The shipped rubric that the answers file names."""
    key = rubric_key(data, printable(name))
    if key not in shipped():
        file = read_yaml(data, printable(name))
        file.found(("rubric",), f'is "{key}", which is not shipped; name the file of that rubric before the answers.')
        file.check()
    return shipped()[key]


def shown(printed: dict[str, object]) -> str:
    return json.dumps(printed, indent=2)
