"""`fourgood leaf`: what it is given, and where it looks for the province."""

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
    assert "nats-leaf://bus.example.org:7422" == Office(HANDED, tmp_path).hub
    assert "nats-leaf://hub:1" == Office(HANDED, tmp_path, hub="nats-leaf://hub:1").hub
