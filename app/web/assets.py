"""Static files under addresses that carry a hash of their content, so that browsers keep them for ever.

The whole folder `static` shares one hash: style sheets and modules may name each other relatively. plotly.js comes
from the installed plotly package and has its own, so that our releases do not make anybody download it again.
"""

import gzip
import hashlib
import importlib.util
import mimetypes
import os
import re
import threading
from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path

import brotli
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

import app
from app.domain.errors import Missing

FOR_EVER = "public, max-age=31536000, immutable"
WORTH_COMPRESSING = 500  # bytes: below, the headers of a compressed answer cost more than it saves
PLOTLY_SCRIPT = "plotly/plotly.min.js"
PLOTLY_STYLE = "plotly/plotly.css"


def folder(name: str) -> Path:
    """The folder `name`, beside the package in a checkout and inside it in an installed wheel."""
    package = Path(app.__file__).parent
    inside = package / name
    return inside if inside.is_dir() else package.parent / name


class StaticFile:
    """One file and its compressed forms, each made once, when first asked for."""

    def __init__(self, body: bytes, path: str, digest: str) -> None:
        self.body = body
        self.media_type = mimetypes.guess_type(path)[0] or "application/octet-stream"
        self.digest = digest
        self._forms: dict[str, bytes] = {"identity": body}

    def form(self, accepted: str) -> tuple[str, bytes]:
        """The best form for an Accept-Encoding header, as (coding, bytes)."""
        for coding, compress in (("br", brotli.compress), ("gzip", gzip.compress)):
            if coding in accepted and len(self.body) >= WORTH_COMPRESSING and self.media_type != "image/png":
                if coding not in self._forms:
                    self._forms[coding] = compress(self.body)
                return coding, self._forms[coding]
        return "identity", self.body


class PlotlyScript(StaticFile):
    """plotly.js, 4.8 MB. Brotli takes seconds: a thread does it once and keeps it in a file; gzip serves until then."""

    def __init__(self, body: bytes, cache: Path) -> None:
        super().__init__(body, PLOTLY_SCRIPT, digest_of(body))
        self._cached = cache / f"plotly-{self.digest}.br"
        self._beginning = threading.Lock()
        self.compressing: threading.Thread | None = None

    def form(self, accepted: str) -> tuple[str, bytes]:
        if "br" in accepted and "br" not in self._forms:
            self._find_or_compress()
        if "br" not in self._forms:
            accepted = accepted.replace("br", "")
        return super().form(accepted)

    def _find_or_compress(self) -> None:
        with self._beginning:
            if self.compressing is None and self._cached.is_file():
                self._forms["br"] = self._cached.read_bytes()
            elif self.compressing is None:
                self.compressing = threading.Thread(target=self._compress, name="plotly-brotli", daemon=True)
                self.compressing.start()

    def _compress(self) -> None:
        compressed = brotli.compress(self.body)
        self._forms["br"] = compressed
        # A folder that cannot be written costs seconds of work at each start, nothing else.
        with suppress(OSError):
            self._cached.parent.mkdir(parents=True, exist_ok=True)
            whole = self._cached.with_suffix(f".{os.getpid()}")
            whole.write_bytes(compressed)
            whole.replace(self._cached)


class Assets:
    """All static files of the product, by their path below `static`."""

    def __init__(self, root: Path, cache: Path) -> None:
        self._cache = cache
        bodies = {
            path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()
        }
        digest = digest_of(*(part for path, body in bodies.items() for part in (path.encode(), body)))
        self._files = {path: StaticFile(body, path, digest) for path, body in bodies.items()}

    @cached_property
    def _plotly(self) -> Mapping[str, StaticFile]:
        body = plotly_bundle().read_bytes()
        style = plotly_rules(body.decode()).encode()
        return {
            PLOTLY_SCRIPT: PlotlyScript(body, self._cache),
            PLOTLY_STYLE: StaticFile(style, PLOTLY_STYLE, digest_of(style)),
        }

    @cached_property
    def plotly_map_style_id(self) -> str:
        """The id under which plotly.js looks for its map style before it injects it, which our policy would refuse.

        A page with a chart gives this id to any element of its own, such as the script's.
        """
        found = re.search(r'getElementById\("([0-9a-f]{64})"\)', self._plotly[PLOTLY_SCRIPT].body.decode())
        return found[1] if found else "plotly-map-style"

    def file(self, path: str) -> StaticFile:
        """Raises Missing."""
        files = self._plotly if path.startswith("plotly/") else self._files
        if path not in files:
            raise Missing("There is no such file.")
        return files[path]

    def address(self, path: str) -> str:
        """Where the file is served. Raises Missing, so that a template cannot name a file that is not there."""
        return f"/static/{self.file(path).digest}/{path}"


def digest_of(*parts: bytes) -> str:
    """16 hexadecimal digits that change with any of the parts."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()[:16]


def plotly_bundle() -> Path:
    """The file plotly.min.js of the installed package, found without importing it, which would take a second."""
    spec = importlib.util.find_spec("plotly")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("The package plotly is not installed.")
    return Path(spec.submodule_search_locations[0]) / "package_data" / "plotly.min.js"


RULES = re.compile(r"""(?:"((?:[^"\\]|\\.)*)"|\b([XY])):(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')""")


def plotly_rules(script: str) -> str:
    """The style rules that plotly.js would inject, which our policy refuses, as a style sheet.

    The bundle holds them as an object of rules by selector, in which X and Y stand for two class names, and inserts
    each before the last one: so they are written in reverse. Raises ValueError when the bundle looks different.
    """
    names = re.search(r'for\(\w+ in \w+\)[^;]{0,80}\.replace\(/X/g,"([^"]+)"\)\.replace\(/Y/g,"([^"]+)"\)', script)
    if names is None:
        raise ValueError("plotly.js has changed: its style rules are not where they were.")
    end = names.start()
    rules = RULES.findall(script[script.rindex("={", 0, end) : end])
    return "\n".join(
        f"{(quoted or bare).replace('X', names[1]).replace('Y', names[2])}{{{double or single}}}"
        for quoted, bare, double, single in reversed(rules)
    )


router = APIRouter()


@router.get("/static/{digest}/{path:path}", name="static")
async def static(request: Request, digest: str, path: str) -> Response:
    """A file; asked for under the hash of another release it is today's, which the browser then does not keep."""
    file = request.app.state.assets.file(path)
    coding, body = await run_in_threadpool(file.form, request.headers.get("accept-encoding", ""))
    headers = {
        "cache-control": FOR_EVER if digest == file.digest else "no-cache",
        "etag": f'"{file.digest}-{coding}"',
        "vary": "Accept-Encoding",
    }
    if headers["etag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if coding != "identity":
        headers["content-encoding"] = coding
    return Response(body, media_type=file.media_type, headers=headers)
