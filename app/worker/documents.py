"""What writes the report of a part of the organisation: as PDF, and as slides."""

from collections.abc import Callable
from pathlib import Path

from app.domain.exports import Asked
from app.domain.reports import OrganisationReport
from app.exports.slides import write_slides
from app.queries.reports import organisation_report
from app.worker.writing import Progress, Reading, Writer

STEPS = 2
"""Reading, and setting."""


def reports(write: Callable[[OrganisationReport, Path], None]) -> Writer:
    """A writer of a format that holds a whole report. The transaction is over before the file is made."""

    def written(reads: Reading, asked: Asked, path: Path, progress: Progress) -> None:
        progress.of(STEPS)
        with reads() as seen:
            report = organisation_report(seen.connection, seen.actor, asked, progress.clock())
        progress.step()
        write(report, path)
        progress.step()

    return written


def pdf(page: Callable[[OrganisationReport], str], printed: Callable[[str], bytes]) -> Writer:
    """`page` is the report as HTML, `printed` makes a PDF of it."""

    def write(report: OrganisationReport, path: Path) -> None:
        path.write_bytes(printed(page(report)))

    return reports(write)


pptx = reports(write_slides)
