"""What writes each kind of export: it reads a part of the organisation and hands it to the format."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from app.domain.exported import Exported, ExportedTeam
from app.domain.exports import Asked
from app.exports import tables
from app.exports.csv_file import write_csv
from app.exports.json_file import write_json
from app.exports.xlsx import write_xlsx
from app.queries.exported import exported_part, exported_teams, found_part
from app.worker.writing import Progress, Reading, Seen, Writer

WITH_ANSWERS = 8
"""Steps that a team takes whose answers are written, where one without them takes one."""

Format = Callable[[Exported, Path], Callable[[], None] | None]
"""Writes a part to a path. What it returns finishes the file, and reads nothing any more."""


def listing(write: Format, *, plain: int = 0, answers: int = 0) -> Writer:
    """A writer of a format that lists the teams so many times without their answers, and so many times with them."""

    def written(reads: Reading, asked: Asked, path: Path, progress: Progress) -> None:
        # The transaction ends before the file is finished: the server would take it for forgotten.
        with reads() as seen:
            finish = _read(seen, asked, path, progress, write, plain + WITH_ANSWERS * answers)
        if finish:
            finish()

    return written


def _read(
    seen: Seen, asked: Asked, path: Path, progress: Progress, write: Format, steps: int
) -> Callable[[], None] | None:
    connection, actor = seen.connection, seen.actor
    here = found_part(connection, actor, asked)
    figures = exported_part(connection, actor, asked, here, progress.clock())
    progress.of(steps * figures.overview.teams)

    def teams(answers: bool) -> Iterator[ExportedTeam]:
        for team in exported_teams(connection, actor.organisation_id, asked, here, answers=answers):
            yield team
            progress.step(WITH_ANSWERS if answers else 1)

    return write(Exported(figures, teams), path)


xlsx = listing(write_xlsx, plain=2, answers=1)
json = listing(write_json, answers=1)
teams_csv = listing(partial(write_csv, tables.teams), plain=1)
answers_csv = listing(partial(write_csv, tables.answers), answers=1)
blockers_csv = listing(partial(write_csv, tables.blockers), plain=1)
