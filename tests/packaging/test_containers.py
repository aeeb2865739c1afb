"""The container files say what they must; no engine is needed to read them."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

HERE = Path(__file__).parents[2]
SERVICES = ("database", "migrate", "app", "worker", "proxy")
ENDS = "migrate"


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((HERE / "docker-compose.yml").read_text(encoding="utf-8"))
    return read


def test_it_works(compose: dict[str, Any]) -> None:
    assert tuple(compose["services"]) == SERVICES


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_no_more_rights_than_it_needs(compose: dict[str, Any], name: str) -> None:
    service = compose["services"][name]

    assert service["cap_drop"] == ["ALL"]
    assert service["read_only"] is True
    assert "no-new-privileges:true" in service["security_opt"]
    assert int(service["user"].split(":")[0]) > 0
    assert "privileged" not in service
    assert not any("docker.sock" in volume for volume in service["volumes"])


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_says_whether_it_is_well(compose: dict[str, Any], name: str) -> None:
    check = compose["services"][name]["healthcheck"]

    assert check == {"disable": True} if name == ENDS else check["test"][0] == "CMD"


def test_ours_wait_for_the_migration(compose: dict[str, Any]) -> None:
    for name in ("app", "worker"):
        waits = compose["services"][name]["depends_on"]
        assert waits["migrate"]["condition"] == "service_completed_successfully"
    assert compose["services"]["migrate"]["depends_on"]["database"]["condition"] == "service_healthy"


def test_only_the_proxy_is_reached_from_outside(compose: dict[str, Any]) -> None:
    reached = [name for name, service in compose["services"].items() if "ports" in service]

    assert reached == ["proxy"]
    assert compose["networks"]["back"]["internal"] is True
    assert compose["services"]["database"]["networks"] == ["back"]


def test_what_must_survive_lies_in_named_volumes(compose: dict[str, Any]) -> None:
    assert set(compose["volumes"]) == {"database", "data"}
    # From version 18 on the image keeps its data one folder above where it used to.
    assert compose["services"]["database"]["volumes"] == ["database:/var/lib/postgresql"]
    assert compose["services"]["app"]["volumes"] == ["data:/data"]


def test_no_secret_has_a_default() -> None:
    text = (HERE / "docker-compose.yml").read_text(encoding="utf-8")
    uses = re.findall(r"\$\{POSTGRES_PASSWORD([^}]*)\}", text)

    assert len(uses) == 2
    assert all(use.startswith(":?") for use in uses)


def test_the_app_believes_the_proxy_and_nobody_else(compose: dict[str, Any]) -> None:
    believed = compose["services"]["app"]["environment"]["SHORTSTAVE_FORWARDED_ALLOW_IPS"]

    assert believed == compose["networks"]["front"]["ipam"]["config"][0]["subnet"]
    assert [name for name, service in compose["services"].items() if "front" in service["networks"]] == ["app", "proxy"]


def test_the_image_runs_as_nobody_in_particular() -> None:
    text = (HERE / "Dockerfile").read_text(encoding="utf-8")
    last_stage = text[text.rindex("\nFROM ") :]

    assert re.search(r"^USER 10001:10001$", last_stage, re.MULTILINE)
    assert re.search(r"^HEALTHCHECK ", last_stage, re.MULTILINE)
    assert re.search(r"^VOLUME /data$", last_stage, re.MULTILINE)


def test_everything_that_is_copied_is_there_and_not_ignored() -> None:
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (HERE / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    let_in = {line[1:] for line in (HERE / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[:1] == "!"}

    for name in " ".join(copied).split():
        assert (HERE / name).exists()
        assert name in let_in


@pytest.mark.skipif(shutil.which("haproxy") is None, reason="haproxy is not installed; it reads the file for itself")
def test_the_proxy_takes_its_file() -> None:
    told = {**os.environ, "APP": "127.0.0.1:8000", "PUBLIC_URL": "http://localhost:8080", "CERTIFICATE": ""}
    checked = subprocess.run(
        ["haproxy", "-c", "-f", str(HERE / "deploy/haproxy.cfg")], env=told, capture_output=True, text=True, check=False
    )

    assert checked.returncode == 0, checked.stderr
