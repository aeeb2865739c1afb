"""The list of authorities that the machine trusts."""

from pathlib import Path

import pytest
import trustme

from app.connectors.trust import trusted


def test_it_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the machine names another list it is read; what was read is read once, for it takes long."""
    authority = tmp_path / "authority.pem"
    trustme.CA(organization_name="Works").cert_pem.write_to_path(authority)
    before = trusted()

    monkeypatch.setenv("SSL_CERT_FILE", str(authority))

    assert trusted() is not before
    assert trusted() is trusted()
    assert "Works" in str(trusted().get_ca_certs())
