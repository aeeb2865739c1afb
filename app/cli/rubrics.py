"""`shortstave rubric`: rubric files, and the rubrics of an organisation."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from app.cli.files import contents, fail, named_rubric, printable, reason
from app.domain.errors import DomainError, Missing
from app.domain.rubric import Rubric
from app.domain.rubric_change import Difference, Piece, Placed, Turn, difference
from app.domain.rubric_edit import rewrite_rubric
from app.domain.rubric_file import ReadRubric, read_rubric, write_rubric
from app.domain.yaml_file import written

rubrics = typer.Typer(no_args_is_help=True, help="Check, import, export and compare rubrics.")

NAME = "A rubric file, or the key of a shipped rubric."
ANY = "A rubric file, the key of a shipped rubric, or KEY@3 or KEY@newest of an organisation."
Named = Annotated[str, typer.Argument(metavar="RUBRIC", help=ANY)]
Of = Annotated[str, typer.Option(help="Name of the organisation; may be left out where there is one.")]
Out = Annotated[Path | None, typer.Option(help="The file to write, instead of the terminal.")]
Into = Annotated[
    Path | None, typer.Option(help="The file to bring up to date: only what differs changes, comments and order stay.")
]
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
    rubric: Named, out: Out = None, into: Into = None, version: int | None = None, organisation: Of = ""
) -> None:
    """Write a rubric as a canonical file: the same rubric always gives the same text.

    With --version or --organisation it is one of the organisation's, else a file or a shipped one.
    """
    from app.cli.kept_rubrics import NEWEST, is_kept

    if (version is not None or organisation) and not is_kept(rubric):
        rubric = f"{rubric}@{NEWEST if version is None else version}"
    if out is not None and into is not None:
        raise typer.BadParameter("takes no --out beside it", param_hint="--into")
    found = rubric_or_fail(rubric, organisation)
    data, file = write_rubric(found).encode(), out or into
    if file is None:
        typer.echo(data, nl=False)
        return
    try:
        file.write_bytes(brought_up(file, found) if into and file.exists() else data)
    except OSError as error:
        fail(Missing(f"{printable(str(file))}: cannot be written: {reason(error)}."))
    except DomainError as error:
        fail(error)


@rubrics.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A rubric file.")],
    organisation: Of = "",
    publish: Annotated[bool, typer.Option("--publish", help="Publish it at once, as the next version.")] = False,
) -> None:
    """Begin a draft with what the file says; a file that breaks the format makes none."""
    from app.actions.rubric_imports import import_rubric
    from app.cli.kept_rubrics import operator, organisation_of
    from app.cli.operating import one_transaction

    try:
        read = read_rubric(contents(str(file)), printable(str(file)))
    except DomainError as error:
        fail(error)
    summary(str(file), read)
    with one_transaction() as (_chosen, session, now):
        actor = operator(organisation_of(session, organisation))
        number = import_rubric(session, actor, read.rubric, now, publish=publish)
    # Only after the transaction: before, it might never be there.
    where = f"/rubrics/{'versions' if publish else 'drafts'}/{number}"
    typer.echo(f"{read.rubric.key}: {'published' if publish else 'a draft is begun'}, see {where}.")


@rubrics.command("list")
def list_all(organisation: Of = "") -> None:
    """Print the versions of the organisation's rubrics: key, number, state, published, cycles, title."""
    from app.cli.kept_rubrics import day, organisation_of
    from app.cli.operating import one_transaction
    from app.queries.studio import drafts, versions

    with one_transaction() as (_chosen, session, _now):
        connection, found = session.connection(), organisation_of(session, organisation)
        begun = [(each.key, "-", "draft", "never", "-", each.title) for each in drafts(connection, found)]
        rows = [
            (each.key, each.number, each.state, day(each.published_at), each.cycles, each.title)
            for each in versions(connection, found)
        ]
    for row in (*rows, *begun):
        typer.echo("\t".join(printable(str(each)) for each in row))


@rubrics.command()
def diff(
    old: Annotated[str, typer.Argument(metavar="OLD", help=ANY)],
    new: Annotated[str, typer.Argument(metavar="NEW", help=ANY)],
    organisation: Of = "",
) -> None:
    """Say what changed from one rubric to another, by key and word by word."""
    changed = difference(rubric_or_fail(old, organisation), rubric_or_fail(new, organisation))
    typer.echo("\n".join(lines(changed)) if changed else "No difference.")


def brought_up(file: Path, rubric: Rubric) -> bytes:
    return rewrite_rubric(contents(str(file)), printable(str(file)), rubric)


def summary(file: str, read: ReadRubric) -> str:
    """One line for a good file; its warnings go to standard error at once."""
    for warning in read.warnings:
        typer.echo(written(printable(file), replace(warning, text=f"warning: {warning.text}")), err=True)
    count, categories = len(read.rubric.statements), len(read.rubric.categories)
    return f"{printable(file)}: {read.rubric.key} is good, {count} statements in {categories} categories."


def rubric_or_fail(name: str, organisation: str = "") -> Rubric:
    from app.cli.kept_rubrics import is_kept, kept_rubric

    if is_kept(name):
        return kept_rubric(name, organisation)
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
