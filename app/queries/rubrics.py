"""Reading rubric versions. A published one never changes, so each process reads its document once."""

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, bindparam, func, select

from app.db.base import Unstorable, table
from app.db.tables.rubrics import RubricVersion as Row
from app.db.tables.rubrics import State
from app.db.tables.studio import Offer
from app.domain.errors import Missing
from app.domain.rubric import DEFAULT, Rubric
from app.domain.rubric_file import from_document, shipped
from app.domain.translations import best, in_language

CACHED = 256
"""Versions that a process keeps of one database. A rubric takes about 200 KB."""


@dataclass(frozen=True, slots=True)
class RubricVersion:
    """`language` is that in which the rubric reads; empty for the original."""

    id: int
    key: str
    number: int
    rubric: Rubric
    language: str = ""


Cache = dict[tuple[int, int, str], RubricVersion]

# By engine, because numbers mean something in one database only.
_caches: MutableMapping[Engine, Cache] = WeakKeyDictionary()

_row = table(Row).c

VERSION = select(_row.id, _row.key, _row.number, _row.document).where(
    _row.organisation_id == bindparam("organisation_id"), _row.id == bindparam("id"), _row.state != State.DRAFT
)
LATEST = (
    select(_row.id)
    .where(
        _row.organisation_id == bindparam("organisation_id"),
        _row.key == bindparam("key"),
        _row.state == State.PUBLISHED,
    )
    .order_by(_row.number.desc())
    .limit(1)
)
_last = (
    select(_row.key, func.max(_row.number).label("number"))
    .where(_row.organisation_id == bindparam("organisation_id"), _row.state == State.PUBLISHED)
    .group_by(_row.key)
    .subquery()
)
OFFERED = (
    select(_row.id)
    .join(_last, (_last.c.key == _row.key) & (_last.c.number == _row.number))
    .where(_row.organisation_id == bindparam("organisation_id"))
    .order_by(_row.key)
)
_offer = table(Offer).c
CHOSEN = select(_offer.key).where(_offer.organisation_id == bindparam("organisation_id"), _offer.is_default)
OWN_KEYS = select(_row.key).distinct().where(_row.organisation_id == bindparam("organisation_id"))
KEPT_BACK = select(_offer.key).where(_offer.organisation_id == bindparam("organisation_id"), ~_offer.offered)


def published(
    connection: Connection, organisation_id: int, version_id: int, wishes: Sequence[str] = ()
) -> RubricVersion:
    """A version that was published, also one retired since; Missing where it is a draft or not this organisation's.

    `wishes` are the languages that its reader would rather read it in than in the original, the dearest first.

    Not for the transaction that publishes it: were that rolled back, the process would go on knowing it.
    """
    cache = _caches.setdefault(connection.engine, {})
    known = cache.get((organisation_id, version_id, ""))
    if known is None:
        known = _keep(cache, organisation_id, _read(connection, organisation_id, version_id))
    if not (wishes and known.rubric.translations):
        return known
    language = best(known.rubric.translations, wishes)
    translated = cache.get((organisation_id, version_id, language))
    if translated is not None:
        return translated
    rubric = in_language(known.rubric, language)
    return _keep(cache, organisation_id, RubricVersion(known.id, known.key, known.number, rubric, language))


def _read(connection: Connection, organisation_id: int, version_id: int) -> RubricVersion:
    row = connection.execute(VERSION, {"organisation_id": organisation_id, "id": version_id}).first()
    if row is None:
        raise Missing("There is no such rubric.")
    return RubricVersion(row.id, row.key, row.number, from_document(row.document))


def _keep(cache: Cache, organisation_id: int, version: RubricVersion) -> RubricVersion:
    if len(cache) >= CACHED:
        cache.clear()
    cache[organisation_id, version.id, version.language] = version
    return version


def latest(connection: Connection, organisation_id: int, key: str, wishes: Sequence[str] = ()) -> RubricVersion:
    """The newest published version of a rubric; Missing where the organisation has none of this key."""
    try:
        version_id = connection.execute(LATEST, {"organisation_id": organisation_id, "key": key}).scalar()
    except Unstorable:  # The key comes from an address: what no column could hold is simply no key.
        version_id = None
    if version_id is None:
        raise Missing("There is no such rubric.")
    return published(connection, organisation_id, version_id, wishes)


def numbered(connection: Connection, organisation_id: int, key: str, number: int) -> RubricVersion:
    """The version of this number, also one retired since; Missing where the organisation has none."""
    found = select(_row.id).where(_row.organisation_id == organisation_id, _row.key == key, _row.number == number)
    version_id = connection.execute(found).scalar()
    if version_id is None:
        raise Missing("There is no such version.")
    return published(connection, organisation_id, version_id)


def newer(connection: Connection, organisation_id: int, version_id: int) -> int | None:
    """The number of the newest published version of the same rubric, where it is newer than this one."""
    here = table(Row).alias("here").c
    found = select(func.max(_row.number)).where(
        _row.organisation_id == organisation_id,
        _row.state == State.PUBLISHED,
        here.organisation_id == organisation_id,
        here.id == version_id,
        _row.key == here.key,
        _row.number > here.number,
    )
    number: int | None = connection.execute(found).scalar()
    return number


def offered(connection: Connection, organisation_id: int, wishes: Sequence[str] = ()) -> tuple[RubricVersion, ...]:
    """The newest published version of every rubric of the organisation, in the order of their keys."""
    ids = connection.execute(OFFERED, {"organisation_id": organisation_id}).scalars().all()
    return tuple(published(connection, organisation_id, version_id, wishes) for version_id in ids)


def known_rubrics(connection: Connection, organisation_id: int, wishes: Sequence[str] = ()) -> Mapping[str, Rubric]:
    """Every rubric by its key: the organisation's own newest versions, and those shipped ones that it has none of.

    A rubric whose versions are all retired is not among them.
    """
    had = set(connection.execute(OWN_KEYS, {"organisation_id": organisation_id}).scalars())
    own = {each.key: each.rubric for each in offered(connection, organisation_id, wishes)}
    return {key: shipped_in(key, wishes) for key in shipped() if key not in had} | own


def shipped_in(key: str, wishes: Sequence[str] = ()) -> Rubric:
    """A rubric that comes with the product, in the first of these languages that it has."""
    return _shipped_in(key, best(shipped()[key].translations, wishes))


@lru_cache(maxsize=128)
def _shipped_in(key: str, language: str) -> Rubric:
    return in_language(shipped()[key], language)


def kept_back(connection: Connection, organisation_id: int) -> frozenset[str]:
    """The keys of the rubrics that the organisation decided not to offer: no new cycle uses them."""
    return frozenset(connection.execute(KEPT_BACK, {"organisation_id": organisation_id}).scalars())


def default_rubric(connection: Connection, organisation_id: int) -> str:
    """The key of the rubric that is meant where none is named."""
    chosen = connection.execute(CHOSEN, {"organisation_id": organisation_id}).scalar()
    return chosen or DEFAULT


def rubrics_to_choose(
    connection: Connection, organisation_id: int, wishes: Sequence[str] = ()
) -> Sequence[tuple[str, Rubric]]:
    """The rubrics that the organisation offers, by their keys: the default one first, the others by title."""
    withdrawn = kept_back(connection, organisation_id)
    default = default_rubric(connection, organisation_id)
    found = [each for each in known_rubrics(connection, organisation_id, wishes).items() if each[0] not in withdrawn]
    return sorted(found, key=lambda each: (each[0] != default, each[1].title))
