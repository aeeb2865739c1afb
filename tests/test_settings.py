"""Every setting stands in the code, in docs/settings.md and in .env.example, with the same default and meaning."""

import re
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from app.settings import PREFIX, Settings, settings, unknown_names

ROOT = Path(__file__).parent.parent


def shown(default: object) -> str:
    return default.get_secret_value() if isinstance(default, SecretStr) else str(default)


IN_CODE = {PREFIX + name.upper(): field for name, field in Settings.model_fields.items()}


def test_the_guide_names_every_setting_with_its_default_and_meaning() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \| (?:`(.*?)`)? *\| (.+) \|$", (ROOT / "docs/settings.md").read_text(), re.MULTILINE
    )

    assert rows == [(name, shown(field.default), field.description) for name, field in IN_CODE.items()]


def test_the_example_names_every_setting_with_its_default() -> None:
    rows = re.findall(r"^# (\w+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE)

    assert rows == [(name, shown(field.default)) for name, field in IN_CODE.items()]


def test_the_environment_is_read_before_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("SHORTSTAVE_PORT=8001\nSHORTSTAVE_LOG_FORMAT=json\nPOSTGRES_PASSWORD=x\n")
    monkeypatch.setenv("SHORTSTAVE_PORT", "8002")

    assert (settings().port, settings().log_format) == (8002, "json")


def test_without_a_database_address_the_embedded_one_lies_in_the_data_folder() -> None:
    embedded = Settings(data_dir=Path("somewhere"))

    assert embedded.embedded
    assert embedded.database == "sqlite:///somewhere/shortstave.sqlite3"


def test_the_password_of_the_database_is_not_shown() -> None:
    assert "hush" not in repr(Settings(database_url=SecretStr("postgresql://someone:hush@db/shortstave")))


def test_the_password_of_the_mail_server_is_not_shown_not_even_when_it_is_refused() -> None:
    good, bad = "smtp://someone:hush@mail.example.org?from=a@example.org", "smtp://someone:hush@mail.example.org"

    assert "hush" not in repr(Settings(mail_url=SecretStr(good))) + repr(Settings(mail_url=SecretStr(good)).mail)
    with pytest.raises(ValidationError) as refused:
        Settings(mail_url=SecretStr(bad))
    assert "hush" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("public_url", "maturity.example.org"),
        ("public_url", "https://example.org/maturity"),
        ("public_url", "javascript:alert(1)"),
        ("forwarded_allow_ips", "*"),
        ("database_url", "mysql://db/shortstave"),
        ("mail_url", "mail.example.org"),
        ("port", "70000"),
        ("quick_check", "perhaps"),
        ("log_level", "loud"),
    ],
)
def test_a_wrong_value_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(PREFIX + name.upper(), value)

    with pytest.raises(ValidationError):
        Settings()


def test_a_misspelt_name_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHORTSTAVE_PROT", "8001")

    assert unknown_names() == ["SHORTSTAVE_PROT"]
