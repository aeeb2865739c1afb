"""Deleting a quick check: asked first, then gone for good."""

import pytest
from sqlalchemy import Engine, select

from app.db.engine import reading
from app.db.tables.audit import AuditEvent
from tests.conftest import StatementCount
from tests.quick_check import begun
from tests.web.document import document
from tests.web.visitor import Visitor, rows

pytestmark = pytest.mark.usefixtures("database")
OF_A_CHECK = ("assessment", "quick_check", "sheet", "answer", "mutation", "answer_change")


def test_it_works(visitor: Visitor) -> None:
    before = rows(visitor.quick_check)
    visitor.send({"pick": f"{visitor.categories[0].key}.2"})
    visitor.send({f"{visitor.categories[0].statements[0].key}.note": "seen"})
    answer = visitor.browser.post(f"{visitor.home}/delete")
    after = rows(visitor.quick_check)

    assert answer.status_code == 200
    assert document(answer.text).one("h1").text == "Your answers are deleted."
    assert [after[name] for name in OF_A_CHECK] == [0] * len(OF_A_CHECK)
    assert before["sheet"] == 1
    assert visitor.get().status_code == 404


def test_another_check_stays(visitor: Visitor, engine: Engine) -> None:
    other = Visitor(visitor.browser, begun(engine))
    other.send({"pick": f"{other.categories[0].key}.2"})
    before = other.answers
    visitor.browser.post(f"{visitor.home}/delete")

    assert other.answers == before


def test_it_is_asked_first(visitor: Visitor) -> None:
    visitor.send({"pick": f"{visitor.categories[0].key}.2"})
    page = visitor.page("/delete")

    assert page.one("h1").text == "Delete these answers for good?"
    assert f"{len(visitor.answers)} answers of “{visitor.rubric.title}”" in page.text
    form = page.one("form", method="post")
    assert {link["href"] for link in form.all("a")} == {visitor.home, f"{visitor.home}/answers.yaml"}
    assert visitor.answers


def test_another_sites_page_deletes_nothing(visitor: Visitor) -> None:
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}):
        assert visitor.browser.post(f"{visitor.home}/delete", headers=headers).status_code == 403
    assert visitor.get().status_code == 200


def test_that_it_was_deleted_is_kept_and_nothing_else(visitor: Visitor, engine: Engine) -> None:
    visitor.browser.post(f"{visitor.home}/delete")
    newest = select(AuditEvent.action, AuditEvent.details).order_by(AuditEvent.id.desc()).limit(1)
    with reading(engine) as session:
        assert session.execute(newest).one() == ("quick check deleted", {})


def test_its_sql_is_counted(visitor: Visitor, engine: Engine, count_statements: StatementCount) -> None:
    visitor.get()
    with count_statements(engine) as asked:
        visitor.get("/delete")
    with count_statements(engine) as deleted:
        visitor.browser.post(f"{visitor.home}/delete")

    assert len(asked) == 2
    assert len(deleted) <= 5
