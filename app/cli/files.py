"""Files named on the command line."""

from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import typer

from app.domain.errors import DomainError, Missing
from app.domain.rubric import Rubric
from app.domain.rubric_file import ReadRubric, read_rubric, read_translation, shipped, shipped_files, translation_of
from app.domain.shape import SLUG
from app.domain.yaml_file import LARGEST, shown

BAD_INPUT = 2


def contents(file: str) -> bytes:
    """The bytes of a file, of a huge one no more than it takes to refuse it. Raises Missing with one plain line."""
    try:
        with Path(file).open("rb") as opened:
            return opened.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        raise Missing(f"{printable(file)}: cannot be read: {reason(error)}.") from error


def named_rubric(name: str) -> ReadRubric:
    """The rubric in a file, or the shipped rubric of that key. Raises Missing, or Problems of the file.

    Of a file that holds one translation it is the rubric that this is of, with it.
    """
    if not Path(name).exists():
        if name in shipped_files():
            return replace(read_rubric(shipped_files()[name], name), rubric=shipped()[name])
        if "/" not in name and "." not in name:
            keys = ", ".join(shipped_files())
            raise Missing(f"{printable(name)}: is no file, and no shipped rubric; these are: {keys}.")
    data = contents(name)
    key = translation_of(data, printable(name))
    return read_translation(data, printable(name), _original(name, key)) if key else read_rubric(data, printable(name))


def _original(name: str, key: str) -> Rubric:
    """What a file translates: the rubric in the file of that key beside it, else the shipped one."""
    beside = Path(name).with_name(f"{shown(key)}.yaml") if SLUG.fullmatch(key) else None
    if beside and beside.exists():
        return read_rubric(contents(str(beside)), printable(str(beside))).rubric
    if key not in shipped():
        raise Missing(f"{printable(name)}: translates {printable(key)}, which is neither beside it nor shipped.")
    return shipped()[key]


def fail(*errors: DomainError) -> NoReturn:
    """End the command for bad input: each problem is a line on standard error."""
    for error in errors:
        typer.echo(error, err=True)
    raise typer.Exit(BAD_INPUT)


def printable(name: str) -> str:
    return shown(name, 4096)


def reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or "it has no usable name"
