"""Where a page may send its reader next: never off this site, whatever a link says."""

from urllib.parse import urlencode

HOME = "/"
LONGEST = 2000


def local_path(wanted: str) -> str:
    """The path with its query if it is one of this site's; else the home page.

    Browsers take `//host`, `/\\host` and what has blanks or control characters in front for other sites' addresses.
    """
    of_this_site = wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted
    printable = wanted.isascii() and not any(sign <= " " or sign == "\x7f" for sign in wanted)
    return wanted if of_this_site and printable and len(wanted) <= LONGEST else HOME


def with_next(path: str, wanted: str) -> str:
    """The path of a page that sends its reader on afterwards; the home page need not be named."""
    following = local_path(wanted)
    return path if following == HOME else f"{path}?{urlencode({'next': following})}"
