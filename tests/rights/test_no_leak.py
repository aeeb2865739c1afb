"""Blind, then reveal, over every address and every table that there is.

Somebody answers alone, and everybody else asks for everything that can be read. Then all of it is put back, the same
person answers something else at the same moments, and everybody asks again: every answer must be the same to the last
byte, and so must every row that is not an answer itself. A length, a tag, a count or a level that hangs on what was
answered would differ. After the reveal the same walk finds every word. A new route or table is in it by itself.
"""

import datetime
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import func, select, text
from structlog.testing import capture_logs

from app.actions.assessing import submit
from app.actions.reminders import LOOK
from app.db.base import Base
from app.db.engine import reading, writing
from app.db.tables.assessments import Answer, Sheet
from app.db.tables.findings import Evidence
from app.domain.answers import Value
from app.domain.people import Actor
from app.domain.rubric_file import shipped
from app.main import work
from app.worker.run import Worker
from tests.quick_check import NOW, RUBRIC
from tests.rights.matrix import Route
from tests.rights.rows import rows, typed_rows
from tests.rights.stage import PNG, Walker
from tests.rights.teamwork import Teamwork
from tests.rights.walk import Walk
from tests.web.cast import Player, TeamOf, UnitOf, sign_in
from tests.web.visitor import SCRIPT

CATEGORIES = shipped()[RUBRIC].categories
NOTED, REASONED, SHOWN = (category.statements[0].key for category in CATEGORIES[:3])
"""The statements that get a note, a reason why they do not apply, and evidence."""
AUTHOR = "author"
OTHERS = (
    *("lead", "member", "viewer", "manager_in_scope", "admin", "admin_of_another_organisation"),
    *("token_to_administer", "token_of_service", "token_of_lead", "token_of_member"),
)
"""The lead has answered alone and submitted; the member has not. A token opens no page, as the matrix says."""
BLIND_TO_THE_END = ("member", "admin", "token_to_administer")
"""Who sees nothing when the author has submitted either, since the member has not; the lead may then."""
ROUTES_AT_LEAST = 90
"""How many routes are only read: should fewer be found, they are not looked for rightly."""
SECRET = "second-factor"
"""It shows a secret that is made anew whenever it is asked for, and nothing else."""
ASKS: Mapping[str, str] = {"agreed-changes": "?since=0", "search": "?q=quo", "home": "?q=wob", "teams": "?q=quo"}
OWN = {"answer", "answer_change", "mutation", "evidence", "comment"}
"""The tables that hold what was answered, and what was put beside it."""
RANDOM = re.compile(r"[0-9a-f]{16,64}|[0-9a-f-]{36}")
"""Names that nobody guesses, made anew for each request or row."""
REMINDED = NOW + datetime.timedelta(days=27, hours=2)
"""The day before the cycle is due."""


Seen = dict[tuple[str, str], str]
"""What was shown, by walker and address."""
Rows = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody answers: a word in everything that they write, and values, a file and a day that are theirs too."""

    word: str
    level: int
    value: str
    speaks: str
    dated: str
    file_type: str
    before: bytes = b""

    def text(self, place: str) -> str:
        return f"{self.word} in the {place}"

    @property
    def file(self) -> tuple[str, bytes]:
        return f"{self.text('file name')}.{self.file_type}", self.before + self.text("file").encode()


FIRST = Said("Quokka", 3, "1", "for", "2026-01-31", "txt")
SECOND = Said("Wobbegong", 1, "0", "against", "", "png", PNG)
PLACES = ("note", "reason", "title", "link", "file name", "file", "comment")


@dataclass(frozen=True, slots=True)
class Blind:
    """The walk with somebody who answers alone in a cycle of its own. `named` is what requests name of it."""

    walk: Walk
    named: Mapping[str, str]

    def post(
        self, asked: str, form: Mapping[str, str], walker: str = AUTHOR, file: tuple[str, bytes] | None = None
    ) -> None:
        """Send a form to the route of that name, which takes it."""
        [route] = [route for route in self.walk.routes if route.name == asked and route.writes]
        path, _ = self.walk.request(route, walker, self.named)
        self.walk.go(self.walk.stage.walkers[walker])
        headers = SCRIPT if "base" in form else None
        files = {"file": file} if file else None
        answer = self.walk.client.post(path, data=form, files=files, headers=headers)
        assert answer.status_code in {200, 303}, (path, answer.text)

    def draft(self, said: Said) -> "Blind":
        """Answer every category, some statements with words, and lay evidence beside one; with it as it is named."""
        self.post("own-begin", {})
        for version, category in enumerate(CATEGORIES):
            self.answer(version, {"pick": f"{category.key}.{said.level}"})
        self.answer(len(CATEGORIES), {NOTED: said.value, f"{NOTED}.note": said.text("note")})
        self.answer(len(CATEGORIES) + 1, {REASONED: "not_applicable", f"{REASONED}.reason": said.text("reason")})
        days = {"dated": said.dated, "speaks": said.speaks}
        link = f"https://wiki.example.org/{said.text('link').replace(' ', '-')}"
        self.post("evidence-link", {"title": said.text("title"), "link": link, **days})
        self.post("evidence-file-send", days, file=said.file)
        with reading(self.walk.engine) as session:
            last = select(Evidence.id, Evidence.file_key).order_by(Evidence.id.desc()).limit(1)
            number, key = session.execute(last).one()
        return replace(self, named={**self.named, "evidence_id": str(number), "file_key": str(key)})

    def answer(self, version: int, form: Mapping[str, str]) -> None:
        with reading(self.walk.engine) as session:
            here = (Sheet.assessment_id == int(self.named["assessment_id"]), Sheet.person_id == int(self.author))
            sheet = session.scalars(select(Sheet.id).where(*here)).one()
        common = {"sheet": str(sheet), "person": self.author, "base": str(version), "client": "c" * 32}
        self.post("own-answer", {**common, **form})

    @property
    def author(self) -> str:
        return self.named["person_id"]

    def submitted(self, said: Said) -> None:
        self.post("own-submit", {})
        self.post("comment-add", {"text": f"@Lead {said.text('comment')}"})

    def reminded(self) -> None:
        """Write the letters of the day before the due day."""
        kinds = work(self.walk.app.state.letters)
        worker = Worker(self.walk.engine, kinds, {LOOK: datetime.timedelta(hours=1)}, lambda: REMINDED, kinds=kinds)
        while worker.turn():
            pass

    def seen(self, walkers: tuple[str, ...]) -> Seen:
        """All that they are shown, by walker and address, without what is random."""
        return {
            (walker, RANDOM.sub("*", address)): self.shown(route, walker, address)
            for walker in walkers
            for route in self.walk.routes
            if not route.writes and route.program == walker.startswith("token") and route.name != SECRET
            for address in self.addresses(route, walker)
        }

    def addresses(self, route: Route, walker: str) -> Iterator[str]:
        """Where a route may show something of it; two results side by side either way round."""
        yield self.walk.request(route, walker, self.named)[0] + ASKS.get(route.name, "")
        if "other" in self.walk.parameters(route):
            turned = {**self.named, "other": self.named["assessment_id"]}
            yield self.walk.request(route, walker, {**turned, "assessment_id": self.walk.stage.ours["agreed_id"]})[0]

    def shown(self, route: Route, walker: str, address: str) -> str:
        answer = self.walk.answer(route, walker, address, {})
        headers = {name: value for name, value in answer.headers.items() if name != "date"}
        return RANDOM.sub("*", f"{answer.status_code}\n{headers}\n{answer.content.decode('latin-1')}")

    def rows(self, tables: set[str]) -> Rows:
        return {
            name: sorted(RANDOM.sub("*", str(row)) for row in found)
            for name, found in typed_rows(self.walk.engine).items()
            if name in tables
        }


@pytest.fixture
def blind(walk: Walk) -> Iterator[Blind]:
    """A cycle that the author and the member have not begun, and the lead has submitted in."""
    ours, lead = walk.stage.ours, walk.stage.walkers["lead"].person
    organisation = int(ours["organisation"])
    colleague = Player(int(ours["person_id"]), organisation, "Colleague", "colleague@example.org")
    operator = Actor(organisation, None, "command line", admin=True)
    with writing(walk.engine) as session:
        team = TeamOf(int(ours["team_id"]), UnitOf(0, "", ""), "")
        teamwork = Teamwork(session, NOW, operator, team)
        cycle = teamwork.cycle("Blind")
        assessment = teamwork.assessment(cycle)
        player = Player(lead, organisation, "", "")
        teamwork.answered(player, assessment)
        submit(session, teamwork.actor(player), assessment, NOW.date(), NOW)
    author = Walker(sign_in(walk.engine, colleague, NOW), person=colleague.id)
    named = {"assessment_id": str(assessment), "cycle_id": str(cycle), "person_id": str(colleague.id)}
    stage = replace(walk.stage, walkers={**walk.stage.walkers, AUTHOR: author})
    begun = replace(walk, stage=stage, before=rows(walk.engine), kept=typed_rows(walk.engine), watch=walk.watch.anew())
    numbered_anew(begun)
    # What is compressed is as long as what is random in it lets it be.
    walk.client.headers["accept-encoding"] = "identity"
    yield Blind(begun, {**named, "statement": SHOWN, "other": ours["agreed_id"]})
    del walk.client.headers["accept-encoding"]
    walk.changed()
    numbered_anew(walk)


def numbered_anew(walk: Walk) -> None:
    """Have the next rows numbered as if those that were put back had never been there."""
    with walk.engine.begin() as connection:
        for name, table in Base.metadata.tables.items():
            if "id" not in table.c or not table.c.id.primary_key or len(table.primary_key) > 1:
                continue
            last = connection.scalar(select(func.max(table.c.id))) or 0
            if connection.dialect.name == "sqlite":
                top = f"UPDATE sqlite_sequence SET seq = {last} WHERE name = '{name}'"
            else:
                top = f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), {last + 1}, false)"
            connection.execute(text(top))


def life(blind: Blind, said: Said) -> tuple[Blind, Seen, Rows]:
    """What everybody saw while somebody answered alone and submitted, and the rows that it left elsewhere."""
    answering = blind.draft(said)
    seen = answering.seen(OTHERS)
    answering.submitted(said)
    answering.reminded()
    later = answering.seen(BLIND_TO_THE_END)
    told = seen | {(walker, f"then {path}"): shown for (walker, path), shown in later.items()}
    return answering, told, answering.rows(set(Base.metadata.tables) - OWN)


def two_lives(blind: Blind) -> tuple[Blind, Seen, Seen, Rows, Rows]:
    """Both of them, the first one put back; the second one as it stands."""
    _, first, first_rows = life(blind, FIRST)
    blind.walk.changed()
    numbered_anew(blind.walk)
    answering, second, second_rows = life(blind, SECOND)
    return answering, first, second, first_rows, second_rows


def found(seen: Seen, walker: str, said: Said) -> set[str]:
    """In which of the places a walker found the words."""
    shown = "".join(text for (who, _), text in seen.items() if who == walker).replace("-", " ")
    return {place for place in PLACES if said.text(place) in shown}


def test_it_works(blind: Blind, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with capture_logs() as logged:
        answering, first, second, first_rows, second_rows = two_lives(blind)

    assert len([path for walker, path in first if walker == "admin"]) >= 2 * ROUTES_AT_LEAST
    assert [key for key in first if first[key] != second[key]] == []
    assert [key for key, shown in first.items() if FIRST.word in shown] == []
    assert [name for name in first_rows if first_rows[name] != second_rows[name]] == []
    assert any("Blind is due" in row for row in first_rows["delivery"])
    assert FIRST.word not in str(first_rows)
    for said in (FIRST, SECOND):
        assert said.word not in f"{logged}{caplog.text}"

    # The same walk sees: the author all of it at any time, the lead after the reveal, and a viewer what is the team's.
    assert found(answering.seen((AUTHOR,)), AUTHOR, SECOND) == set(PLACES)
    answering.post("assessment-reveal", {}, "lead")
    revealed = answering.seen(("lead", "viewer"))
    assert found(revealed, "lead", SECOND) == set(PLACES)
    assert found(revealed, "viewer", SECOND) == set(PLACES) - {"note", "reason"}


def test_what_hangs_on_the_answers_is_found(blind: Blind) -> None:
    """A route that tells no word, only how much somebody has in place."""

    def planted(assessment_id: int) -> int:
        met = (Sheet.assessment_id == assessment_id, Answer.sheet_id == Sheet.id, Answer.value == Value.YES)
        with reading(blind.walk.engine) as session:
            return session.scalar(select(func.count()).select_from(Sheet, Answer).where(*met)) or 0

    path = "/planted/{assessment_id}"
    blind.walk.app.add_api_route(path, planted, methods=["GET"])
    forms = [route for route in blind.walk.routes if route.writes]
    alone = replace(blind, walk=replace(blind.walk, routes=[*forms, Route("planted", "GET", path)]))
    _, first, second, first_rows, second_rows = two_lives(alone)

    assert {walker for walker, _ in first if first[walker, _] != second[walker, _]} >= {"admin", "member", "lead"}
    assert first_rows == second_rows
