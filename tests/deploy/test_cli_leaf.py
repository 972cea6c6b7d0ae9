"""`fourgood leaf`: what it is given, and where it looks for the province."""

import pytest

from contracts.credentials import Credentials
from deploy.embedded.office import Office

HANDED = Credentials(
    district="THAN-UYEN",
    nats=["nats://bus.example.org:4222"],
    user="THAN-UYEN_1",
    password="p-secret",
    inbox_prefix="_INBOX_THAN-UYEN",
    signing_key="ab" * 32,
    key=1,
)


def test_a_file_that_is_none_is_told_in_one_line(fourgood, tmp_path):
    (tmp_path / "wrong.json").write_text('{"password": "p-secret"}')

    wrong = fourgood("leaf", str(tmp_path / "wrong.json"))
    missing = fourgood("leaf", str(tmp_path / "missing.json"))

    assert (1, 1) == (wrong.exit_code, missing.exit_code)
    assert "is no file of credentials" in wrong.stderr
    assert "p-secret" not in wrong.stderr
    assert "cannot read" in missing.stderr


def test_an_office_looks_for_the_province_where_its_file_says(tmp_path):
    secured = HANDED.model_copy(update={"nats": ["tls://bus.example.org:4222"]})

    assert "nats-leaf://bus.example.org:7422" == Office(HANDED, tmp_path).hub
    assert "nats-leaf://hub:1" == Office(HANDED, tmp_path, hub="nats-leaf://hub:1").hub
    assert "tls://bus.example.org:7422" == Office(secured, tmp_path).hub


@pytest.mark.parametrize(
    ("address", "hub"), [("tls://bus:4222", "nats-leaf://hub:1"), ("nats://bus:4222", "tls://hub:1")]
)
def test_an_office_that_is_told_of_tls_once_signs_in_with_tls_only(tmp_path, address, hub):
    handed = HANDED.model_copy(update={"nats": [address]})

    assert Office(handed, tmp_path, hub=hub).secured
    assert not Office(HANDED, tmp_path).secured


def test_why_the_line_broke_is_told_in_words_that_stay_the_same(tmp_path):
    office = Office(HANDED, tmp_path)
    before = "[1] 2026/11/22 06:58:09 [ERR] 10.0.0.1:7422 - lid:7 - x509: certificate has expired"
    office.log.write_text(
        f"{before}: current time 2026-11-22 is after 2026-11-21 (CN=bus)\n[1] [INF] closed\n"
    )

    assert "x509: certificate has expired" == office.trouble()
