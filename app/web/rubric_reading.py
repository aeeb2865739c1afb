"""Rubrics as whoever reads the page reads them. Pages ask here; what is decided and stored goes by the original."""

from collections.abc import Callable, Mapping, Sequence

from starlette.requests import Request

from app.domain.rubric import Rubric
from app.domain.rubric_file import shipped
from app.queries import rubrics
from app.queries.rubrics import RubricVersion
from app.web.deps import Db
from app.web.wishes import wishes


def read_version(db: Db, organisation_id: int, version_id: int) -> RubricVersion:
    """As `queries.rubrics.published`, in the reader's language."""
    return rubrics.published(db.connection(), organisation_id, version_id, wishes_of(db))


def read_latest(db: Db, organisation_id: int, key: str) -> RubricVersion:
    """As `queries.rubrics.latest`, in the reader's language."""
    return rubrics.latest(db.connection(), organisation_id, key, wishes_of(db))


def read_choices(db: Db, organisation_id: int) -> Sequence[tuple[str, Rubric]]:
    """As `queries.rubrics.rubrics_to_choose`, in the reader's language and by their titles in it."""
    return rubrics.rubrics_to_choose(db.connection(), organisation_id, wishes_of(db))


def read_shipped(request: Request) -> Mapping[str, Rubric]:
    """The rubrics that come with the product, in the reader's language."""
    wanted = wishes(request)
    return {key: rubrics.shipped_in(key, wanted) for key in shipped()}


def wishes_of(db: Db) -> Sequence[str]:
    """Those of whoever this session works for; none where that is no reader of pages."""
    found: Callable[[], Sequence[str]] | None = db.info.get("wishes")
    return found() if found else ()
