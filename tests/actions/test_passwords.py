"""Passwords: which are taken, and that spelling and length do no harm."""

import pytest

from app.actions.passwords import LONGEST, checked, hashed, proof
from app.domain.errors import Invalid
from app.queries.signing_in import KeptPassword


@pytest.mark.parametrize(
    "password",
    [
        "",
        "short",
        "elevenchars",
        "password1234",
        "aaaaaaaaaaaaaaaa",
        "123456789012",
        "qwertyuiopasdf",
        "Tramway Company",
        "lead@tram.example",
        "x" * (LONGEST + 1),
        "aB3$" * 60,
    ],
)
def test_an_easy_one_is_refused(password: str) -> None:
    with pytest.raises(Invalid):
        checked(password, "Tramway Company", "lead@tram.example", "Lead Tram")


@pytest.mark.parametrize("password", ["tram bells at noon 7", "mühle-Flieder-seekabel", "correct horse bakery staple"])
def test_a_few_words_are_good(password: str) -> None:
    assert checked(password, "Tramway Company", "lead@tram.example") == password


def test_what_is_known_of_a_person_counts_as_guessed() -> None:
    password = "Quernstone Obelisk"
    checked(password)
    with pytest.raises(Invalid, match="guessed"):
        checked(password, "Quernstone Obelisk")


def test_the_same_letters_of_another_keyboard_are_the_same() -> None:
    kept = KeptPassword("a", 1, hashed("mu\u0308hle flieder seekabel"))
    assert proof(kept, "m\u00fchle flieder seekabel").right
    assert not proof(kept, "muhle flieder seekabel").right
    assert not proof(kept, "").right


@pytest.mark.parametrize("password", ["", "the password of nobody", "x" * 100_000, "\x00", "\ud800"])
def test_where_there_is_no_password_none_is_right(password: str) -> None:
    assert not proof(KeptPassword("a", 1), password).right
    assert not proof(KeptPassword("a"), password).right


def test_a_hash_is_argon2_with_a_salt() -> None:
    first, second = hashed("tram bells at noon 7"), hashed("tram bells at noon 7")
    assert first.startswith("$argon2id$")
    assert first != second
