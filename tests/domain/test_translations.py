"""Rubrics in further languages: texts fall back one by one, and nothing that counts depends on them."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.answers import Value
from app.domain.impact import version_change
from app.domain.results import PointsResult, Result
from app.domain.rollup import levels
from app.domain.rubric import Place, Rubric
from app.domain.rubric_change import difference
from app.domain.rubric_file import (
    check_document,
    document,
    from_document,
    read_rubric,
    read_translation,
    shipped,
    write_rubric,
)
from app.domain.scoring import score
from app.domain.translations import best, in_language, missing, texts_of
from app.domain.yaml_file import Problems
from tests.domain.strategies import LANGUAGES, calm, dressed_rubrics, translations, values

MATURITY = replace(shipped()["gigaom-mlops"], translations={})
SCORE = replace(shipped()["ml-test-score"], translations={})
FIRST = MATURITY.categories[0].statements[0].key
PLAIN = next(key for key, each in MATURITY.statements.items() if not each.help)
TEXT: Place = ("statements", FIRST, "text")
TITLE: Place = ("title",)


def translated(**languages: dict[Place, str]) -> Rubric:
    return replace(MATURITY, translations={name.replace("_", "-"): texts for name, texts in languages.items()})


def test_it_works() -> None:
    rubric = translated(de={TITLE: "Reife", TEXT: "Es gibt jemanden."})

    german = in_language(rubric, "de")

    assert (german.title, german.statements[FIRST].text) == ("Reife", "Es gibt jemanden.")
    assert german.summary == MATURITY.summary
    assert in_language(rubric, "de-ch") == german
    assert in_language(rubric, "fr") is rubric


def test_texts_fall_back_one_by_one() -> None:
    rubric = translated(de={TITLE: "Reife", TEXT: "Es gibt jemanden."}, de_at={TITLE: "Reifegrad"})

    austrian = in_language(rubric, "de-at")

    assert (austrian.title, austrian.statements[FIRST].text) == ("Reifegrad", "Es gibt jemanden.")
    assert len(missing(rubric, "de-at")) == len(missing(rubric, "de")) == len(texts_of(rubric)) - 2
    assert missing(rubric, "fr") == tuple(texts_of(rubric))


@pytest.mark.parametrize("rubric", [MATURITY, SCORE], ids=lambda each: each.key)
def test_every_text_is_replaced(rubric: Rubric) -> None:
    """Each of them where it belongs, and nothing else."""
    upside = {place: text.upper() for place, text in texts_of(rubric).items()}
    whole = replace(rubric, translations={"up": upside})

    assert texts_of(in_language(whole, "up")) == upside
    assert missing(whole, "up") == ()
    assert {path.path for path in difference(rubric, replace(in_language(whole, "up"), translations={})).texts}


def test_the_first_wish_that_can_be_met() -> None:
    assert best(["de", "fr"], ["it", "fr-ca", "de"]) == "fr"
    assert best(["de-at"], ["de"]) == ""
    assert best(["de"], ["en", "nonsense", "-", ""]) == ""
    assert best([], ["de"]) == ""


@calm
@given(dressed_rubrics(), st.data())
def test_results_are_the_same_in_every_language(rubric: Rubric, data: st.DataObject) -> None:
    there = data.draw(st.sampled_from([*LANGUAGES, "en"]))
    other = in_language(rubric, there)
    answers = data.draw(values(rubric))

    assert levels(other, score(other, answers)) == levels(rubric, score(rubric, answers))
    assert numbers(other, answers) == numbers(rubric, answers)
    assert len(missing(rubric, there)) + len({*texts_of(rubric)} & {*known(rubric, there)}) == len(texts_of(rubric))


def numbers(rubric: Rubric, answers: Mapping[str, Value]) -> Result:
    """The result without the words of its bands, which are the reader's."""
    result = score(rubric, answers)
    return replace(result, band=None) if isinstance(result, PointsResult) else result


def known(rubric: Rubric, tag: str) -> set[Place]:
    """The places that are translated in a language or in what it falls back to."""
    return {place for name, texts in rubric.translations.items() if f"{tag}-".startswith(f"{name}-") for place in texts}


@calm
@given(dressed_rubrics(), st.data())
def test_a_translation_moves_nobody_and_is_shown(rubric: Rubric, data: st.DataObject) -> None:
    """A version with other translations is another one, and asks nobody anything again."""
    other = replace(rubric, translations={**rubric.translations, "pl": data.draw(translations(rubric))})

    change = version_change(rubric, other)
    assert (change.asked_again, dict(change.look_again), change.new, change.gone) == ((), {}, (), ())
    assert difference(rubric, other)
    assert {each.path.split(".")[0] for each in difference(rubric, other).texts} <= {"translations", "languages"}


def test_a_document_has_each_translation_beside_its_text() -> None:
    values = document(translated(de={TEXT: "Es gibt jemanden."}, fr={}))

    assert values["languages"] == ["de", "fr"]
    assert values["categories"][0]["statements"][0]["text@de"] == "Es gibt jemanden."
    assert from_document(values) == translated(de={TEXT: "Es gibt jemanden."}, fr={})
    assert "languages" not in document(MATURITY)


WRONG = {
    "  DE: {}": 'translations.DE: is "DE"; it must be a language such as de or pt-br, in small letters.',
    "  de: Reife": "translations.de: must be a mapping with the keys",
    "  de: {titel: Reife}": 'translations.de.titel: is no key of the format; did you mean "title"?',
    "  de: {title: ''}": "translations.de.title: is empty.",
    f"  de: {{title: {'x' * 121}}}": "translations.de.title: has 121 characters; the limit is 120.",
    "  de: {statements: {nothing: {text: Nichts.}}}": (
        'translations.de.statements.nothing: names no statement of this rubric, "nothing".'
    ),
    f"  de: {{statements: {{{FIRST}: {{gate: 2}}}}}}": "gate: is no key of the format.",
    f"  de: {{statements: {{{FIRST}: [Nichts.]}}}}": f"statements.{FIRST}: must be a mapping with the keys text, do,",
    "  de: {levels: {9: {name: Neun}}}": 'translations.de.levels.9: names no level of this rubric, "9".',
    "  de: {bands: {0: {name: Null}}}": 'translations.de.bands.0: names no band of this rubric, "0".',
    f"  de: {{statements: {{{PLAIN}: {{help: Hilfe}}}}}}": "help: translates a text that the original does not have.",
    "".join(f"  {chr(97 + n)}{chr(98 + n)}: {{}}\n" for n in range(13)): "translations: has 13 entries",
}


@pytest.mark.parametrize("lines", WRONG, ids=lambda lines: lines[:40].strip())
def test_what_no_translation_may_be(lines: str) -> None:
    text = write_rubric(MATURITY)

    with pytest.raises(Problems) as refused:
        read_rubric(f"{text}translations:\n{lines}".encode(), "rubric.yaml")

    line = text.count("\n") + 2
    assert WRONG[lines] in str(refused.value)
    assert {each.line for each in refused.value.problems} <= {line, line - 1}


def test_what_is_not_translated_is_counted() -> None:
    text = write_rubric(MATURITY) + "translations:\n  de: {title: Reife}\n"

    warned = read_rubric(text.encode(), "rubric.yaml").warnings

    assert [each.text for each in warned if each.path == "translations.de"] == [
        f"lacks {len(texts_of(MATURITY)) - 1} of {len(texts_of(MATURITY))} texts; these are read as they stand in the "
        "original."
    ]


OWN = """format: 1
rubric: gigaom-mlops
language: de
title: Reife
answers:
  0.5: {name: Teilweise}
"""


def test_a_translation_in_a_file_of_its_own() -> None:
    rubric = read_translation(OWN.encode(), "gigaom-mlops.de.yaml", MATURITY).rubric

    assert rubric.translations == {"de": {TITLE: "Reife", ("answers", "0.5", "name"): "Teilweise"}}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("rubric: gigaom-mlops", "rubric: other", 'is "other"; this is to be a translation of gigaom-mlops.'),
        ("language: de", "language: German", "must be a language such as de"),
        ("language: de\n", "", "is missing"),
        ("0.5: {name", "0.7: {name", 'names no answer of this rubric, "0.7"'),
        ("title: Reife", "titel: Reife", "is no key of the format"),
    ],
)
def test_what_no_file_of_a_translation_may_be(old: str, new: str, words: str) -> None:
    with pytest.raises(Problems, match=words):
        read_translation(OWN.replace(old, new).encode(), "gigaom-mlops.de.yaml", MATURITY)


def test_a_draft_names_its_problems_where_they_are() -> None:
    values = document(translated(de={TITLE: "Reife"}))
    values["title@de"] = "x" * 200

    checked = check_document(values, lambda _: None)

    assert [(each.path, each.at) for each in checked.problems] == [
        ("translations.de.title", ("translations", "de", "title"))
    ]


@pytest.mark.parametrize("rubric", shipped().values(), ids=lambda each: each.key)
def test_a_shipped_translation_is_whole(rubric: Rubric) -> None:
    for language in rubric.languages:
        assert missing(rubric, language) == ()
