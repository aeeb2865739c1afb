"""A rubric written into a file that is there: only what differs changes, comments and order stay."""

from typing import cast

from app.domain.errors import Conflict
from app.domain.rubric import Rubric
from app.domain.rubric_file import Document, read_rubric, write_rubric
from app.domain.yaml_edit import edited
from app.domain.yaml_file import Problems, read_yaml

MARK = "\ufeff"


def rewrite_rubric(data: bytes, file: str, rubric: Rubric) -> bytes:
    """The file with this rubric in it; byte for byte the same where that is what it says already.

    `file` is what to call it. Raises Problems where it cannot be read as YAML, Conflict where it holds another rubric.
    """
    before = read_yaml(data, file)
    before.check()
    if not isinstance(before.data, dict) or before.data.get("key") != rubric.key:
        raise Conflict("%(file)s: holds another rubric than %(key)s, and is left as it is.", file=file, key=rubric.key)
    text = data.decode()
    changed = edited(text.removeprefix(MARK), cast(Document, read_yaml(write_rubric(rubric).encode(), file).data))
    again = (MARK * text.startswith(MARK) + changed).encode()
    return again if _says(again, file, rubric) else write_rubric(rubric).encode()


def _says(data: bytes, file: str, rubric: Rubric) -> bool:
    """Whether the file holds exactly this rubric. A file can be written so oddly that it cannot be kept as it is."""
    try:
        return read_rubric(data, file).rubric == rubric
    except Problems:
        return False
