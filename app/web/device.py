"""A browser in words, from what it says of itself."""

from starlette.requests import Request

# The first sign found decides: most browsers also name those that they want to be taken for.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("HeadlessChrome/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def network_address(request: Request) -> str:
    """Where the request came from; empty where that is not known. Proxies are believed as the settings say."""
    return request.client.host if request.client else ""


def device_of(request: Request) -> str:
    """What the browser says of itself, as it is kept; `device_words` reads it."""
    return request.headers.get("user-agent", "")


def device_words(agent: str) -> tuple[str, str]:
    """The names of browser and system; each empty where it is not known."""
    return _first(BROWSERS, agent), _first(SYSTEMS, agent)


def _first(signs: tuple[tuple[str, str], ...], agent: str) -> str:
    return next((name for sign, name in signs if sign in agent), "")
