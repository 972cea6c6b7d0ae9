"""`fourgood district`: what it asks of the registry, the file it writes, and what it shows."""

import json

import pytest

from tests.certificates import Authority

HANDED = {
    "subject": "credentials-THAN-UYEN",
    "position": 7,
    "district": "THAN-UYEN",
    "user": "THAN-UYEN_1",
    "password": "p-secret",
    "inbox_prefix": "_INBOX_THAN-UYEN",
    "signing_key": "ab" * 32,
    "key": 1,
    "expires": None,
}
PLACE = "/registry/v1/districts/THAN-UYEN/credentials"
USE = {"number": 1, "at": "2026-11-22T03:00:00Z", "outcome": "accepted", "place": "10.0.0.7", "times": 1}
SHOWN = {
    "district": "THAN-UYEN",
    "number": 1,
    "user": "THAN-UYEN_1",
    "opens": True,
    "issued_at": "2026-11-21T03:00:00Z",
    "ends_at": None,
    "used": USE | {"client": "Client go"},
}


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_a_district_is_added_by_a_file_for_its_owner_only(services, fourgood, tmp_path):
    services.answer(f"POST {PLACE}", HANDED, status=201)

    ran = fourgood("district", "add", "THAN-UYEN", "--nats", "nats://bus.example.org:4222")

    file = tmp_path / "THAN-UYEN_1.json"
    handed = {name: value for name, value in HANDED.items() if name not in ("subject", "position")}
    assert 0 == ran.exit_code
    where = {"nats": ["nats://bus.example.org:4222"], "authority": None}
    assert handed | where == json.loads(file.read_text())
    assert "0o600" == oct(file.stat().st_mode & 0o777)
    assert "p-secret" not in ran.output


def test_the_file_carries_the_certificate_of_the_sites_own_authority_and_no_key(services, fourgood, tmp_path):
    services.answer(f"POST {PLACE}", HANDED, status=201)
    ours = Authority()
    ours.vouch(tmp_path, "bus.example.org")
    both = (tmp_path / "key.pem").read_text() + ours.pem
    (tmp_path / "authority.pem").write_text(both)

    ran = fourgood(
        *("district", "add", "THAN-UYEN", "--nats", "tls://bus.example.org:4222"),
        *("--authority", "authority.pem"),
    )

    assert 0 == ran.exit_code
    assert ours.pem == json.loads((tmp_path / "THAN-UYEN_1.json").read_text())["authority"]


@pytest.mark.parametrize(
    ("text", "address", "why"),
    [
        (None, "tls://bus:4222", "cannot read authority.pem"),
        ("none", "tls://bus:4222", "holds no certificate in PEM"),
        (Authority().pem, "nats://bus:4222", "tls:// addresses only"),
    ],
)
def test_an_authority_that_vouches_for_nothing_is_told_before_anything_is_issued(
    services, fourgood, tmp_path, text, address, why
):
    if text:
        (tmp_path / "authority.pem").write_text(text)

    ran = fourgood("district", "add", "THAN-UYEN", "--nats", address, "--authority", "authority.pem")

    assert (1, []) == (ran.exit_code, services.asked)
    assert why in ran.stderr


def test_a_file_that_exists_is_not_written_over_and_nothing_is_issued(services, fourgood, tmp_path):
    (tmp_path / "mine.json").write_text("{}")

    ran = fourgood("district", "add", "THAN-UYEN", "--out", "mine.json")

    assert "mine.json exists" in ran.stderr
    assert [] == services.asked


def test_a_day_is_a_day(services, fourgood):
    ran = fourgood("district", "add", "THAN-UYEN", "--expires", "soon")

    assert "soon is no day" in ran.stderr
    assert [] == services.asked


def test_rotation_hands_over_the_next_file(services, fourgood, tmp_path):
    services.answer(f"POST {PLACE}/rotation", HANDED | {"user": "THAN-UYEN_2", "key": 2}, status=201)

    ran = fourgood("district", "rotate", "THAN-UYEN", "--overlap", "72", "--nats", "nats://bus:4222")

    assert 0 == ran.exit_code
    assert 2 == json.loads((tmp_path / "THAN-UYEN_2.json").read_text())["key"]


def test_nobody_is_turned_away_unasked(services, fourgood):
    services.answer(f"POST {PLACE}/revocation", None)

    refused = fourgood("district", "revoke", "THAN-UYEN", typed="n\n")
    before = list(services.asked)
    agreed = fourgood("district", "revoke", "THAN-UYEN", typed="y\n")

    assert (1, []) == (refused.exit_code, before)
    assert "every credential has ended" in agreed.output
    assert [f"POST {PLACE}/revocation"] == services.asked


def test_the_list_shows_when_and_from_where_each_was_used_last(services, fourgood):
    services.answer("GET /registry/v1/credentials", {"credentials": [SHOWN]})
    turned_away = USE | {"outcome": "wrong password", "times": 3, "client": "Client go"}
    services.answer(f"GET {PLACE}/uses", {"uses": [turned_away]})

    everyone = fourgood("district", "list").output
    one = fourgood("district", "list", "THAN-UYEN").output

    assert "2026-11-22 10:00" in everyone
    assert "10.0.0.7" in everyone
    assert "wrong password" in one


def test_where_nobody_has_a_credential_that_is_said(services, fourgood):
    services.answer("GET /registry/v1/credentials", {"credentials": []})

    assert "nobody has a credential" in fourgood("district", "list").output
    assert "TAM-KY has no credential" in fourgood("district", "list", "TAM-KY").output
