"""Where a page sends its reader next is never another site: no open redirects."""

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.web.local import HOME, local_path, with_next

HERE = "https://testserver/sign-in"
TRICKY = st.text(st.sampled_from("/\\ \t\r\n.:@?#%aé\x00\x7f\u2028evil"), max_size=12)


@pytest.mark.parametrize("path", ["/", "/teams/3", "/teams?search=a%20b&page=2", "/c/abc#top", "/a//b", "/a:b"])
def test_a_path_of_ours_is_kept(path: str) -> None:
    assert local_path(path) == path


@pytest.mark.parametrize(
    "address",
    [
        "", "//evil", "/\\evil", "\\\\evil", " //evil", " /x", "\t//evil", "/\t/evil", "/\n/evil", "\x00//evil", "/ x",
        "https://evil", "https:evil", "javascript:alert(1)", "evil", "data:,x", "///evil", "/é", "/x\x7f", "/" * 3000,
        "/a" * 1001, "/x\r\nset-cookie: a=b", "\ufeff//evil", "\u3000//evil",
    ],
)  # fmt: skip
def test_everything_else_leads_home(address: str) -> None:
    assert local_path(address) == HOME


def stays(path: str) -> bool:
    """As browsers read it: they drop tabs and line ends, and take a backslash for a slash."""
    read = path.strip().replace("\t", "").replace("\n", "").replace("\r", "").replace("\\", "/")
    target = urlsplit(urljoin(HERE, read))
    return (target.scheme, target.netloc) == ("https", "testserver")


@given(st.one_of(st.text(), TRICKY, TRICKY.map("/".__add__)))
@example("/\t/evil")
@example("/\\evil")
def test_nobody_is_sent_away(address: str) -> None:
    path = local_path(address)

    assert path.startswith("/")
    assert stays(path)


def test_the_property_finds_a_planted_fault() -> None:
    assert not stays("//evil")
    assert not stays("/\t/evil")
    assert not stays("/\\evil")


def test_a_page_is_told_where_to_go_on() -> None:
    assert with_next("/sign-in", "/teams?search=a&page=2") == "/sign-in?next=%2Fteams%3Fsearch%3Da%26page%3D2"
    assert with_next("/sign-in", "/") == "/sign-in"
    assert with_next("/sign-in", "//evil") == "/sign-in"
