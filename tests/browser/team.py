"""People of a team at one agreed sheet, each signed in on a page."""

import datetime
from dataclasses import dataclass, replace

from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.actions.passwords import hashed
from app.db.base import table
from app.db.engine import make_engine, reading, writing
from app.db.tables.assessments import AnswerChange, Mutation, MutationKind
from app.db.tables.people import Person
from app.domain.cycles import Mode
from tests.browser.sheet import MATURITY, Past, Sheet
from tests.cast import address, cast_of
from tests.server import Server
from tests.teamwork import CYCLE, Teamwork, begun

PASSWORD = "tram bells at noon 7 stave"


@dataclass(frozen=True)
class Desk:
    """The running product with a cycle that the team Risk answers together."""

    server: Server
    team: Teamwork

    @property
    def path(self) -> str:
        return f"/assessments/{self.team.assessment_id}/agreed"

    def signed_in(self, page: Page, name: str) -> Sheet:
        """The agreed sheet in the browser of this person."""
        page.goto(f"/sign-in?next={self.path}")
        page.get_by_label("E-mail").fill(address(name))
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.locator("main button.primary").click()
        page.wait_for_url(f"**{self.path}")
        return Sheet(page, self.path, self.team.rubric)

    def sign_out(self, page: Page) -> None:
        page.goto("/account")
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("button", name="Sign out")).to_have_count(0)

    def history(self) -> list[tuple[str, Past]]:
        """Who changed which answer to what, in order."""
        names = {number: name for name, number in self.team.people.items()}
        change, mutation = table(AnswerChange).c, table(Mutation).c
        with reading(self.team.engine) as session:
            rows = session.execute(
                select(mutation.person_id, change.statement, change.value, change.reason, change.note)
                .join_from(
                    table(AnswerChange),
                    table(Mutation),
                    (mutation.sheet_id == change.sheet_id) & (mutation.version == change.version),
                )
                .where(mutation.kind != MutationKind.NOTHING, change.sheet_id == self.team.assessing().sheet.sheet_id)
                .order_by(change.version, change.statement)
            ).all()
        return [(names[by], Past(of, value and value.value, reason, note)) for by, of, value, reason, note in rows]


def desk(server: Server, url: str) -> Desk:
    """Fills the database of a server, before it starts or while it runs."""
    engine = make_engine(url)
    today = datetime.datetime.now(datetime.UTC).date()
    cycle = replace(CYCLE, rubric=MATURITY, mode=Mode.TOGETHER, opens_on=today, due_on=today + datetime.timedelta(28))
    team = begun(cast_of(engine), cycle)
    kept = hashed(PASSWORD)
    with writing(engine) as session:
        for person in session.scalars(select(Person)):
            person.password_hash = kept
    return Desk(server, team)
