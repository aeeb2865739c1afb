"""The form of a secret."""

import re
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.tokens import ALPHABET, PATTERN, checksum, prefix, well_formed, written


@given(st.binary(min_size=32, max_size=32))
def test_it_works(random: bytes) -> None:
    secret = written(random)

    assert re.fullmatch(PATTERN, secret)
    assert len(secret) == 53
    assert well_formed(secret)
    assert prefix(secret) == secret[:10]


@given(st.text(alphabet=ALPHABET, max_size=50))
def test_the_checksum_is_a_crc_in_base_62(body: str) -> None:
    number = 0
    for sign in checksum(body):
        number = number * 62 + ALPHABET.index(sign)
    assert number == zlib.crc32(body.encode())


SECRET = written(bytes(range(32)))


@given(st.integers(4, 52), st.sampled_from(ALPHABET))
def test_one_wrong_sign_is_found(place: int, sign: str) -> None:
    mistyped = SECRET[:place] + sign + SECRET[place + 1 :]
    assert well_formed(mistyped) is (mistyped == SECRET)


@pytest.mark.parametrize("text", ["", "sst_", SECRET[:-1], SECRET + "0", "x" + SECRET[1:], SECRET.replace("A", "Ä", 1)])
def test_what_is_no_secret(text: str) -> None:
    assert not well_formed(text)
