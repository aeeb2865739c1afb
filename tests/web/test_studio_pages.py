"""The rubric studio clicked through: a draft from its beginning to a version, and what two admins do to each other."""

import re
import tracemalloc
from collections import Counter
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import func, select

from app.db.engine import reading
from app.db.tables.rubrics import RubricVersion
from app.db.tables.studio import Draft
from app.domain.rubric_file import read_rubric, shipped, write_rubric
from tests.conftest import StatementCount
from tests.pace import spent
from tests.web.cast import Browser, Cast
from tests.web.document import Element, document, fields
from tests.web.trail import events

RUBRIC = shipped()["gigaom-mlops"]
FIRST = RUBRIC.categories[0].statements[0]
HOSTILE = '</textarea><script>alert(1)</script> & "quotes" \' {{ 7*7 }}'


def begun(admin: Browser) -> str:
    """The path of a draft of the shipped rubric."""
    answer = admin.post(f"/rubrics/shipped/{RUBRIC.key}/draft")
    assert answer.status_code == 303
    return answer.headers["location"]


def at(draft: str, path: str) -> str:
    return f"{draft}/edit?at={path}"


def form_at(admin: Browser, draft: str, path: str) -> dict[str, str]:
    """What the form of a place holds."""
    page = document(admin.get(at(draft, path)).text)
    return fields(page.one("form", id="fields"))


def saved(admin: Browser, draft: str, path: str, **typed: str) -> None:
    form = form_at(admin, draft, path)
    answer = admin.post(at(draft, path), data={**form, **{f"f.{name}": text for name, text in typed.items()}})
    assert answer.status_code == 303, answer.text


def text_of(admin: Browser, draft: str, path: str, name: str = "text") -> str:
    return form_at(admin, draft, path)[f"f.{name}"]


def button(page: Element, word: str) -> Element:
    """The form of the button that says this."""
    return next(form for form in page.all("form") if any(word in each.text for each in form.all("button")))


def pressed(admin: Browser, address: str, word: str) -> str:
    form = button(document(admin.get(address).text), word)
    answer = admin.post(form["action"], data=fields(form))
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def test_it_works(browser: Browser, cast: Cast) -> None:
    """From the list to a draft, an edit in place, and the version that comes of it."""
    admin = browser(cast.admin)
    assert RUBRIC.title in admin.get("/rubrics").text
    draft = begun(admin)
    assert FIRST.text in admin.get(draft).text

    saved(admin, draft, f"statements.{FIRST.key}", text="A sponsor speaks for ML.")
    location = pressed(admin, f"{draft}/publish", "Publish it")

    version = admin.get(location)
    assert "A sponsor speaks for ML." in version.text
    assert admin.get(draft).status_code == 404
    assert events(cast.engine) == ["draft begun", "draft changed", "rubric published"]


@pytest.mark.parametrize("key", shipped())
def test_every_link_of_a_draft_leads_somewhere(browser: Browser, cast: Cast, key: str) -> None:
    """Of every shipped rubric, since ladders and points rubrics hold different things; two links of each kind."""
    admin = browser(cast.admin)
    draft = admin.post(f"/rubrics/shipped/{key}/draft").headers["location"]
    waiting, kinds, seen = [draft], Counter[str](), set[str]()

    while waiting:
        address = waiting.pop()
        page = admin.get(address)
        assert page.status_code == 200, address
        for link in document(page.text).all("a"):
            found = link["href"].partition("#")[0]
            kind = re.sub(r"[=.][^=.&]*(&|$)", "", found.removeprefix(draft))
            if found.startswith(draft) and found not in seen and kinds[kind] < 2:
                kinds[kind] += 1
                seen.add(found)
                waiting.append(found)
    assert len(kinds) > 12
    first = shipped()[key].categories[0].statements[0]
    saved(admin, draft, f"statements.{first.key}", text="It reads otherwise.")
    assert "It reads otherwise." in admin.get(f"{draft}/history").text
    assert "It reads otherwise." in admin.get(pressed(admin, f"{draft}/publish", "Publish it")).text


@pytest.mark.parametrize("who", ["manager", "lead", "member", "viewer"])
def test_admins_alone(browser: Browser, cast: Cast, who: str) -> None:
    draft = begun(browser(cast.admin))
    refused = browser(getattr(cast, who))

    for path in ("/rubrics", "/rubrics/new", "/rubrics/read", draft, f"{draft}/preview", f"{draft}/publish"):
        assert refused.get(path).status_code == 403, path
    assert "/rubrics" not in refused.get("/").text


def test_only_what_was_changed_is_written(browser: Browser, cast: Cast) -> None:
    """A whole form that was opened before somebody changed another field takes nothing of theirs away."""
    admin = browser(cast.admin)
    draft, place = begun(admin), f"statements.{FIRST.key}"
    form = form_at(admin, draft, place)
    saved(admin, draft, place, do="Do it in another way.")

    answer = admin.post(at(draft, place), data={**form, "f.text": "Mine."})

    assert answer.status_code == 303
    assert (text_of(admin, draft, place), text_of(admin, draft, place, "do")) == ("Mine.", "Do it in another way.")


def test_of_two_who_change_a_field_the_second_sees_both(browser: Browser, cast: Cast) -> None:
    admin = browser(cast.admin)
    draft, place = begun(admin), f"statements.{FIRST.key}"
    form = form_at(admin, draft, place)
    saved(admin, draft, place, text="By the first.")

    answer = admin.post(at(draft, place), data={**form, "f.text": "By the second."})

    page = document(answer.text)
    assert answer.status_code == 409
    assert page.one("blockquote").text == "By the first."
    again = fields(page.one("form", id="fields"))
    assert again["f.text"] == "By the second."
    assert text_of(admin, draft, place) == "By the first.", "nothing was saved yet"
    assert admin.post(at(draft, place), data=again).status_code == 303
    assert text_of(admin, draft, place) == "By the second."


def test_where_one_field_is_overtaken_the_others_are_saved(browser: Browser, cast: Cast) -> None:
    admin = browser(cast.admin)
    draft, place = begun(admin), f"statements.{FIRST.key}"
    form = form_at(admin, draft, place)
    saved(admin, draft, place, text="By the first.")

    typed = {"f.text": "By the second.", "f.do": "Done by the second.", "f.level": "often"}
    answer = admin.post(at(draft, place), data={**form, **typed})

    assert answer.status_code == 409
    again = fields(document(answer.text).one("form", id="fields"))
    assert {name: again[name] for name in typed} == typed, "what is not saved stands in its field"
    assert text_of(admin, draft, place) == "By the first."
    assert text_of(admin, draft, place, "do") == "Done by the second."


def test_a_field_by_script(browser: Browser, cast: Cast) -> None:
    admin = browser(cast.admin)
    draft, place = begun(admin), f"statements.{FIRST.key}"
    seen = form_at(admin, draft, place)["seen.text"]

    answer = admin.post(at(draft, place), data={"f.text": "", "seen.text": seen}, headers={"Shortstave-Fragment": "1"})

    page = document(answer.text)
    assert answer.status_code == 200
    assert not page.all("html")
    assert "is empty." in page.one("div", id="told-text").text
    assert "1 problem" in page.one("div", id="draft-bar").text
    assert fields(page.one("form", id="fields"))["seen.text"] != seen


@pytest.mark.parametrize(
    ("place", "typed", "words"),
    [
        ("", {"f.minutes": "ten"}, "a whole number"),
        (f"statements.{FIRST.key}", {"f.gate": "2.5"}, "a whole number"),
        (f"statements.{FIRST.key}", {"f.text": "t" * 5_001}, "too long"),
    ],
)
def test_what_no_draft_holds_comes_back_with_the_reason(
    browser: Browser, cast: Cast, place: str, typed: dict[str, str], words: str
) -> None:
    admin = browser(cast.admin)
    draft = begun(admin)
    form = form_at(admin, draft, place)

    answer = admin.post(at(draft, place), data={**form, **typed})

    assert answer.status_code == 422
    assert words in answer.text
    assert form_at(admin, draft, place) == form


@pytest.mark.parametrize("typed", [{"f.colour": "red"}, {"text": "no prefix"}, {"f.key": "other"}])
def test_what_a_place_does_not_have(browser: Browser, cast: Cast, typed: dict[str, str]) -> None:
    admin = browser(cast.admin)
    draft = begun(admin)

    assert admin.post(at(draft, f"statements.{FIRST.key}"), data=typed).status_code == 422


@pytest.mark.parametrize("place", ["statements.nothing", "nothing", "levels.99", "categories", "stories.x"])
def test_a_place_that_there_is_not(browser: Browser, cast: Cast, place: str) -> None:
    admin = browser(cast.admin)
    draft = begun(admin)

    assert admin.get(at(draft, place)).status_code == 404
    assert admin.post(at(draft, place), data={"f.name": "x"}).status_code in (404, 422)


def test_every_place_has_a_form(browser: Browser, cast: Cast) -> None:
    """What the grid leads to opens, and saving it as it stands changes nothing."""
    admin = browser(cast.admin)
    draft = begun(admin)
    page = document(admin.get(draft).text)
    links = {link["href"] for link in page.all("a") if "/edit?" in link["href"]}
    assert len(links) > len(RUBRIC.statements)

    sections = {parse_qs(urlsplit(link).query, keep_blank_values=True)["at"][0].split(".")[0]: link for link in links}
    for link in sections.values():
        form = fields(document(admin.get(link).text).one("form", id="fields"))
        assert admin.post(link, data=form).status_code == 303, link
    assert "Undo" not in admin.get(draft).text


def test_adding_moving_removing_and_taking_back(browser: Browser, cast: Cast) -> None:
    admin = browser(cast.admin)
    draft = begun(admin)
    before = admin.get(draft).text.count("<li>")
    added = admin.post(
        f"{draft}/add",
        data={"into": "categories.strategy", "text": "The board asks for it.", "level": "2", "gap": "1"},
    )
    place = parse_qs(urlsplit(added.headers["location"]).query)["at"][0]
    assert place == "statements.the-board-asks-for-it"
    form = form_at(admin, draft, place)
    assert (form["f.kind"], form["f.level"], form["f.gate"]) == ("gap", "2", "3")

    page = document(admin.get(at(draft, place)).text)
    move = button(page, "Move")
    admin.post(move["action"], data={**fields(move), "into": "categories.governance"})
    assert "The board asks for it." in document(admin.get(at(draft, "categories.governance")).text).text
    pressed(admin, at(draft, place), "Up")
    pressed(admin, at(draft, place), "Remove")
    assert admin.get(at(draft, place)).status_code == 404
    for _ in range(4):
        pressed(admin, draft, "Undo")
    assert admin.get(draft).text.count("<li>") == before
    history = admin.get(f"{draft}/history").text
    assert history.count("taken back") >= 4


def test_what_was_changed_meanwhile_is_not_removed(browser: Browser, cast: Cast) -> None:
    admin = browser(cast.admin)
    draft, place = begun(admin), f"statements.{FIRST.key}"
    remove = button(document(admin.get(at(draft, place)).text), "Remove")
    saved(admin, draft, place, text="Changed meanwhile.")

    answer = admin.post(remove["action"], data=fields(remove))

    assert answer.status_code == 409
    assert "Somebody else changed this" in answer.text
    assert text_of(admin, draft, place) == "Changed meanwhile."


def test_a_preview_scores_trial_answers_and_keeps_them(browser: Browser, cast: Cast) -> None:
    admin = browser(cast.admin)
    draft = begun(admin)
    trial = {key: "1" for key, each in RUBRIC.statements.items() if (each.gate or 0) <= 2}

    scored = admin.post(f"{draft}/preview", data=trial)
    assert "Between level 2 and 4" in document(scored.text).one("h1").text
    kept = admin.post(
        f"{draft}/preview", data={**trial, "trial:name": "Level two", "trial:expected": "2", "trial:keep": "1"}
    )
    page = admin.get(kept.headers["location"]).text
    assert "as expected" in page
    assert page.count(" checked>") == len(trial)

    practice = next(key for key, each in RUBRIC.statements.items() if each.gate == each.level == 3)
    saved(admin, draft, f"statements.{practice}", level="2", gate="2")
    assert "not as expected" in admin.get(f"{draft}/preview").text
    pressed(admin, f"{draft}/preview", "Remove")
    assert "Level two" not in admin.get(f"{draft}/preview").text


def test_a_draft_that_breaks_the_format_has_no_preview_and_is_not_published(browser: Browser, cast: Cast) -> None:
    admin = browser(cast.admin)
    draft = begun(admin)
    saved(admin, draft, f"statements.{FIRST.key}", text="")

    assert "Nothing to try yet" in admin.get(f"{draft}/preview").text
    assert "1 problem stands in the way" in admin.get(f"{draft}/publish").text
    answer = admin.post(f"{draft}/publish", data={"edition": "1"})
    assert answer.status_code == 422


def test_what_was_changed_since_one_looked_is_not_published(browser: Browser, cast: Cast) -> None:
    admin = browser(cast.admin)
    draft = begun(admin)
    publish = button(document(admin.get(f"{draft}/publish").text), "Publish it")
    saved(admin, draft, "", title="Something else")

    answer = admin.post(publish["action"], data=fields(publish))

    assert answer.status_code == 409
    assert "changed since you looked" in answer.text


def test_hostile_text_is_text_on_every_page(browser: Browser, cast: Cast) -> None:
    admin = browser(cast.admin)
    draft = begun(admin)
    pressed(admin, f"{draft}/publish", "Publish it")
    location = pressed(admin, "/rubrics", "Begin a draft")
    for place, name in (
        ("", "title"),
        ("source", "work"),
        ("categories.strategy", "name"),
        (f"statements.{FIRST.key}", "text"),
        (f"statements.{FIRST.key}", "do"),
        ("levels.1", "name"),
        ("answers.0", "name"),
        ("stories.0", "text"),
    ):
        saved(admin, location, place, **{name: HOSTILE})

    pages = [admin.get(f"{location}{path}").text for path in ("", "/preview", "/publish", "/history")]
    pages += [admin.get(at(location, place)).text for place in ("", "categories.strategy", f"statements.{FIRST.key}")]
    version = pressed(admin, f"{location}/publish", "Publish it")
    pages += [admin.get(version).text, admin.get("/rubrics").text]
    number = version.rpartition("/")[2]
    pages.append(admin.get(f"/rubrics/difference?old={int(number) - 1}&new={number}").text)
    for page in pages:
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


def test_a_file_becomes_a_draft(browser: Browser, cast: Cast) -> None:
    admin = browser(cast.admin)
    text = write_rubric(RUBRIC).replace("title: MLOps maturity", "title: Ours", 1)

    answer = admin.post("/rubrics/read", files={"file": ("ours.yaml", text.encode(), "application/yaml")})

    assert answer.status_code == 303
    assert form_at(admin, answer.headers["location"], "")["f.title"] == "Ours"


BAD = [
    (b"", "Choose a file first"),
    (b"format: 1\nformat: 1\n", "twice"),
    (b"a: &b 1\nc: *b\n", "anchor"),
    (b"a: &a [x,x]\n" + b"".join(b"b%d: &b%d [*a,*a,*a]\n" % (n, n) for n in range(20_000)), "anchor"),
    (b"- " * 50 + b"x", "nested deeper"),
    (b"[" * 500_000, "nested deeper"),
    (b"format: [1\n", "is not YAML"),
    (b"\xff\xfe", "not UTF-8"),
    (b"title: <script>alert(1)</script>\n", "is missing"),
    (b"title: [a, b]\n", "must be text, not a list"),
    (b"'<script>alert(1)</script>': 1\n", "is no key of the format"),
    (b"k: v\n" * 200_000, "twice"),
]


@pytest.mark.parametrize(("data", "words"), BAD, ids=range(len(BAD)))
def test_a_file_that_is_none_is_named_line_by_line(browser: Browser, cast: Cast, data: bytes, words: str) -> None:
    admin = browser(cast.admin)
    admin.get("/rubrics/read")

    with spent() as time:
        answer = admin.post("/rubrics/read", files={"file": ("x.yaml", data, "application/yaml")})

    assert time.seconds < 1
    assert answer.status_code == 422
    assert words in answer.text
    assert "<script>alert" not in answer.text
    with reading(cast.engine) as session:
        assert session.scalar(select(func.count()).select_from(Draft)) == 0


def test_no_bad_file_takes_much_memory(browser: Browser, cast: Cast) -> None:
    admin = browser(cast.admin)
    largest = sorted(BAD, key=lambda each: -len(each[0]))[:3]
    tracemalloc.start()
    try:
        for data, _ in largest:
            answer = admin.post("/rubrics/read", files={"file": ("x.yaml", data, "application/yaml")})
            assert answer.status_code == 422
        assert tracemalloc.get_traced_memory()[1] < 64 * 1024 * 1024
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("draft", [False, True], ids=["new", "draft"])
def test_a_file_that_is_too_large_is_refused_at_the_door(browser: Browser, cast: Cast, draft: bool) -> None:
    admin = browser(cast.admin)
    where = begun(admin) if draft else "/rubrics"

    answer = admin.post(f"{where}/read", files={"file": ("x.yaml", b"#" * 10_000_000, "application/yaml")})

    assert answer.status_code == 413
    assert "one megabyte" in answer.text


def test_a_file_is_read_into_a_draft_and_taken_back(browser: Browser, cast: Cast) -> None:
    admin = browser(cast.admin)
    draft = begun(admin)
    saved(admin, draft, "", title="Mine")
    file = {"file": ("ours.yaml", changed_file(title="Ours"), "application/yaml")}

    answer = admin.post(f"{draft}/read", data=reading_form(admin, draft), files=file)

    assert answer.status_code == 303, answer.text
    assert text_of(admin, draft, "", "title") == "Ours"
    assert "read from a file" in admin.get(f"{draft}/history").text
    pressed(admin, draft, "Undo the last change")
    assert text_of(admin, draft, "", "title") == "Mine"


@pytest.mark.parametrize(("data", "words"), BAD[:5], ids=range(5))
def test_a_bad_file_leaves_the_draft_as_it_was(browser: Browser, cast: Cast, data: bytes, words: str) -> None:
    admin = browser(cast.admin)
    draft = begun(admin)
    file = {"file": ("x.yaml", data, "application/yaml")}

    answer = admin.post(f"{draft}/read", data=reading_form(admin, draft), files=file)

    assert answer.status_code == 422
    assert words in answer.text
    assert text_of(admin, draft, "", "title") == RUBRIC.title
    assert events(cast.engine) == ["draft begun"]


def test_a_file_does_not_go_over_what_somebody_else_wrote(browser: Browser, cast: Cast) -> None:
    admin = browser(cast.admin)
    draft = begun(admin)
    form = reading_form(admin, draft)
    saved(admin, draft, "", title="Meanwhile")
    file = {"file": ("ours.yaml", changed_file(title="Ours"), "application/yaml")}

    answer = admin.post(f"{draft}/read", data=form, files=file)

    assert answer.status_code == 409
    assert "changed since you looked" in answer.text
    assert text_of(admin, draft, "", "title") == "Meanwhile"
    for edition in ("", "-1", "x", "9" * 30):
        assert admin.post(f"{draft}/read", data={"edition": edition}, files=file).status_code == 409


def test_the_file_of_another_rubric_is_refused(browser: Browser, cast: Cast) -> None:
    admin = browser(cast.admin)
    draft = begun(admin)
    file = {"file": ("other.yaml", write_rubric(shipped()["ml-test-score"]).encode(), "application/yaml")}

    answer = admin.post(f"{draft}/read", data=reading_form(admin, draft), files=file)

    assert answer.status_code == 422
    assert "The file holds the rubric ml-test-score" in answer.text


def changed_file(title: str) -> bytes:
    return write_rubric(RUBRIC).replace("title: MLOps maturity", f"title: {title}", 1).encode()


def reading_form(admin: Browser, draft: str) -> dict[str, str]:
    """What the form sends beside the file."""
    form = fields(button(document(admin.get(f"{draft}/read").text), "Read it"))
    return {"edition": form["edition"]}


def test_a_version_is_taken_away_and_comes_back_equal(browser: Browser, cast: Cast) -> None:
    admin = browser(cast.admin)

    text = admin.get(f"/rubrics/shipped/{RUBRIC.key}/rubric.yaml")
    table = admin.get(f"/rubrics/shipped/{RUBRIC.key}/rubric.csv")

    assert read_rubric(text.content, "again").rubric == RUBRIC
    assert table.text.count("\n") == len(RUBRIC.statements) + 1


def test_a_new_rubric_by_the_wizard(browser: Browser, cast: Cast) -> None:
    admin = browser(cast.admin)

    ladder = admin.post(
        "/rubrics/new",
        data={
            "title": "Data mesh",
            "kind": "ladder",
            "categories": "Ownership\nProducts",
            "top": "3",
            "unit": "points",
        },
    )
    points = admin.post(
        "/rubrics/new", data={"title": "Readiness", "kind": "points", "categories": "Tests\nData", "unit": "percent"}
    )

    assert {ladder.status_code, points.status_code} == {303}
    page = admin.get(ladder.headers["location"]).text
    assert all(word in page for word in ("Ownership", "Products", "problems"))
    assert "Drafts of new rubrics" in admin.get("/rubrics").text
    again = admin.post(
        "/rubrics/new",
        data={"title": "Data mesh", "kind": "ladder", "categories": "A\nB", "top": "3", "unit": "points"},
    )
    assert again.status_code == 422
    assert "already" in again.text


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"categories": "One"}, "from 2 to 12"),
        ({"categories": "\n".join(map(str, range(13)))}, "from 2 to 12"),
        ({"categories": f"A\n{'b' * 81}"}, "at most 80"),
        ({"top": "9"}, "none of the choices"),
        ({"key": "Not A Key"}, "small letters"),
        ({"kind": "snake"}, "none of the choices"),
        ({"title": ""}, "Fill this in"),
        ({"levels": "None\nSome"}, "from 0 to 3 are 4"),
        ({"levels": f"A\nB\nC\n{'d' * 81}"}, "at most 80"),
        ({"kind": "points", "bands": "-1 Low\nHigh"}, "Name up to 20 bands"),
        ({"kind": "points", "bands": "0 Low\n2 High"}, "begins above -1"),
        ({"kind": "points", "bands": "-1 Low\n2 High\n2.0 Higher"}, "above the one before"),
        ({"kind": "points", "bands": f"-1 {'d' * 81}"}, "at most 80"),
    ],
)
def test_what_the_wizard_refuses(browser: Browser, cast: Cast, typed: dict[str, str], words: str) -> None:
    admin = browser(cast.admin)
    data = {"title": "T", "kind": "ladder", "categories": "A\nB", "top": "3", "unit": "points", **typed}

    answer = admin.post("/rubrics/new", data=data)

    assert answer.status_code == 422
    assert words in answer.text


def test_the_wizard_names_levels_and_bands(browser: Browser, cast: Cast) -> None:
    admin = browser(cast.admin)
    common = {"categories": "One\nTwo", "top": "3", "unit": "percent"}
    levels, bands = "Bare\n\n Begun \nLived\nLed\n", "-1 Low\n 12.5  Half way there \n80 High"

    ladder = admin.post("/rubrics/new", data={**common, "title": "Steps", "kind": "ladder", "levels": levels})
    points = admin.post("/rubrics/new", data={**common, "title": "Scores", "kind": "points", "bands": bands})

    grid = document(admin.get(ladder.headers["location"]).text).one("table")
    assert [each.text.split()[-1] for each in grid.one("thead").all("th")[1:]] == ["Bare", "Begun", "Lived", "Led"]
    draft = points.headers["location"]
    assert form_at(admin, draft, "bands.1")["f.name"] == "Half way there"
    assert form_at(admin, draft, "bands.1")["f.above"] == "12.5"


def test_offers_copies_and_retiring(browser: Browser, cast: Cast) -> None:
    admin = browser(cast.admin)
    version = pressed(admin, f"{begun(admin)}/publish", "Publish it")

    admin.post("/rubrics/offers", data={"rubric": "ml-test-score", "do": "withdraw"})
    assert "ML Test Score" not in admin.get("/cycles/new").text
    admin.post("/rubrics/offers", data={"rubric": "ml-test-score", "do": "default"})
    assert admin.post("/rubrics/offers", data={"rubric": "ml-test-score", "do": "withdraw"}).status_code == 409
    copied = admin.post(f"{version}/copy", data={"key": "our-own", "title": "Our own"})
    assert copied.status_code == 303
    assert admin.post(f"{version}/copy", data={"key": "our-own", "title": "Our own"}).status_code == 422
    pressed(admin, version, "Retire")
    assert "retired" in admin.get("/rubrics").text
    pressed(admin, version, "Bring it back")
    with reading(cast.engine) as session:
        assert session.scalars(
            select(RubricVersion.state).where(RubricVersion.organisation_id == cast.organisation_id)
        ).all()


def test_statements_of_the_grid(browser: Browser, cast: Cast, count_statements: StatementCount) -> None:
    admin = browser(cast.admin)
    draft = begun(admin)

    with count_statements(cast.engine) as statements:
        assert admin.get(draft).status_code == 200

    assert len(statements) == 6, statements
