"""Makes the environment that Shortstave runs in, when there is none or when the locked packages have changed.

    python3 tools/environment.py          what `make run` needs
    python3 tools/environment.py --dev    what `make test` needs as well

The environment is the folder .venv beside this project. What is in it comes from the lock files, every file checked
against its hash. A stamp in the folder keeps the digests of the lists that were installed, so that the next start only
compares. Remove the folder (make clean) to begin again.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

OLDEST = (3, 11)
HERE = Path(__file__).resolve().parent.parent
FOLDER = HERE / ".venv"
STAMP = FOLDER / "installed.txt"
RUNNING = "requirements.txt"
DEVELOPING = "requirements-dev.txt"

# Before anything else: an old Python shall get as far as this one line, so nothing above may be news to it.
if sys.version_info < OLDEST:
    this = "{}.{}".format(*sys.version_info[:2])
    sys.exit("Shortstave needs Python 3.11 or later, this is " + this + ". A newer one: make run PYTHON=python3.13")


def main() -> None:
    wanted = DEVELOPING if "--dev" in sys.argv[1:] else RUNNING
    installed = stamped()
    if digest(wanted) in installed:
        return
    check_venv()
    if digest(RUNNING) not in installed:
        make_folder()
    install(wanted)


def interpreter() -> Path:
    """The environment's own Python; Windows puts it elsewhere."""
    return FOLDER / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def digest(name: str) -> str:
    """What an installed list is known by: another text, another list or another Python is another digest."""
    seen = "{}.{} {} ".format(*sys.version_info[:2], name).encode() + (HERE / name).read_bytes()
    return hashlib.sha256(seen).hexdigest()


def stamped() -> set[str]:
    """The digests of the installed lists; none where the environment's Python is gone, as when the system's was."""
    if not interpreter().exists() or not STAMP.exists():
        return set()
    return set(STAMP.read_text(encoding="utf-8").split())


def check_venv() -> None:
    try:
        import ensurepip  # noqa: F401, PLC0415 - Debian ships Python without it, and only here may that be said in words
        import venv  # noqa: F401, PLC0415
    except ImportError:
        sys.exit("Shortstave needs Python's venv module. On Debian and Ubuntu: apt install python3-venv")


def make_folder() -> None:
    """A new one each time: what an older list left behind must not be found by an import."""
    print("Making the environment in .venv", flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(FOLDER)], check=True)


def install(wanted: str) -> None:
    """The stamp goes first and comes back last, so that an interrupted installation is begun again."""
    STAMP.unlink(missing_ok=True)
    print("Installing the packages of", wanted, flush=True)
    subprocess.run(
        [str(interpreter()), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input",
         "--prefer-binary", "--require-hashes", "-r", str(HERE / wanted)],
        check=True,
    )  # fmt: skip
    # The developing list holds all of the running one.
    lists = [RUNNING] if wanted == RUNNING else [RUNNING, DEVELOPING]
    STAMP.write_text("".join(digest(name) + "\n" for name in lists), encoding="utf-8")


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as failed:
        sys.exit(f"The environment could not be made: the step above failed with status {failed.returncode}.")
