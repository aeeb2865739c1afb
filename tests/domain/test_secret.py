"""Secrets that say what they are for: only whoever knows the salt writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.secret import numbers_signed, signed

SALT = b"salt"


@given(st.lists(st.integers(0, 2**63), min_size=1, max_size=3))
def test_it_works(numbers: list[int]) -> None:
    assert numbers_signed(SALT, "go", signed(SALT, "go", *numbers)) == tuple(numbers)


def test_another_salt_purpose_or_number_is_another_secret() -> None:
    secret = signed(SALT, "go", 1, 2)
    assert numbers_signed(b"pepper", "go", secret) is None
    assert numbers_signed(SALT, "stay", secret) is None
    assert numbers_signed(SALT, "go", secret.replace("1-2", "1-3", 1)) is None
    assert numbers_signed(SALT, "go", secret.replace("1-2", "01-2", 1)) is None


@pytest.mark.parametrize("text", ["", "-", "1", "1-2", "a-b-c", "1--2", "²-x", "9" * 5000, "1-\ud800"])
def test_what_is_no_secret(text: str) -> None:
    assert numbers_signed(SALT, "go", text) is None
