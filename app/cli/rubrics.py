"""`shortstave rubric`: rubric files without any database."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from app.cli.files import fail, named_rubric, printable, reason
from app.domain.errors import DomainError, Missing
from app.domain.rubric import Rubric
from app.domain.rubric_change import Difference, Piece, Placed, Turn, difference
from app.domain.rubric_file import ReadRubric, write_rubric
from app.domain.yaml_file import written

rubrics = typer.Typer(no_args_is_help=True, help="Check, export and compare rubric files.")

NAME = "A rubric file, or the key of a shipped rubric."
Named = Annotated[str, typer.Argument(metavar="RUBRIC", help=NAME)]
MARKS = {Turn.SAME: ("", ""), Turn.REMOVED: ("[-", "-]"), Turn.ADDED: ("{+", "+}")}


@rubrics.command()
def check(files: Annotated[list[str], typer.Argument(metavar="FILE...", help=NAME)]) -> None:
    """Say what breaks the format, and what is hard to answer: a problem ends with status 2, a warning does not."""
    good: list[str] = []
    errors: list[DomainError] = []
    for file in files:
        try:
            good.append(summary(file, named_rubric(file)))
        except DomainError as error:
            errors.append(error)
    if errors:
        fail(*errors)
    typer.echo("\n".join(good))


@rubrics.command()
def export(
    rubric: Named, out: Annotated[Path | None, typer.Option(help="The file to write, instead of the terminal.")] = None
) -> None:
    """Write a rubric as a canonical file: the same rubric always gives the same text."""
    text = write_rubric(rubric_or_fail(rubric))
    if out is None:
        typer.echo(text.encode(), nl=False)
        return
    try:
        out.write_bytes(text.encode())
    except OSError as error:
        fail(Missing(f"{printable(str(out))}: cannot be written: {reason(error)}."))


@rubrics.command()
def diff(
    old: Annotated[str, typer.Argument(metavar="OLD", help=NAME)],
    new: Annotated[str, typer.Argument(metavar="NEW", help=NAME)],
) -> None:
    """Say what changed from one rubric to another, by key and word by word."""
    changed = difference(rubric_or_fail(old), rubric_or_fail(new))
    typer.echo("\n".join(lines(changed)) if changed else "No difference.")


def summary(file: str, read: ReadRubric) -> str:
    """One line for a good file; its warnings go to standard error at once."""
    for warning in read.warnings:
        typer.echo(written(printable(file), replace(warning, text=f"warning: {warning.text}")), err=True)
    count, categories = len(read.rubric.statements), len(read.rubric.categories)
    return f"{printable(file)}: {read.rubric.key} is good, {count} statements in {categories} categories."


def rubric_or_fail(name: str) -> Rubric:
    try:
        return named_rubric(name).rubric
    except DomainError as error:
        fail(error)


def lines(changed: Difference) -> Iterator[str]:
    """The difference for a terminal, removed words in [-brackets-] and added ones in {+braces+}."""
    yield from (f"removed: {placed(each)}" for each in changed.removed)
    yield from (f"added: {placed(each)}" for each in changed.added)
    for move in changed.moved:
        yield f"changed: statements.{move.statement}.{move.what}: {move.old or 'none'} -> {move.new or 'none'}"
    for text in changed.texts:
        yield f"changed: {text.path}: {''.join(map(marked, text.pieces))}"
    for order in changed.orders:
        yield f"reordered: {order.path}: {', '.join(order.new)}"


def placed(each: Placed) -> str:
    return f"categories.{each.category}.statements.{each.statement.key}: {each.statement.text}"


def marked(piece: Piece) -> str:
    begin, end = MARKS[piece.turn]
    return f"{begin}{piece.text}{end}"
