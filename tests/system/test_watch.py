"""A district's folder, signed in with what `fourgood district add` handed over, and turned away."""

import asyncio
import json

import pytest
from typer.testing import CliRunner

from contracts.publisher.line import TURNED_AWAY
from deploy.cli import app
from tests.system.test_intake import founding


def cell(code, **given):
    """Return a founding in a month that no other test counts."""
    return founding(code, founded_on="2019-03-04", **given)


@pytest.fixture
def fourgood(province, monkeypatch):
    """Return what runs a command: its exit code and its words."""
    monkeypatch.setenv("FOURGOOD_URL_REGISTRY", province.url("registry"))
    monkeypatch.setenv("FOURGOOD_TOKEN", province.token("operator"))
    monkeypatch.setenv("FOURGOOD_NATS", f"nats://{province.nats_url('operator').rpartition('@')[2]}")

    async def run(*arguments):
        ran = await asyncio.to_thread(CliRunner().invoke, app, [str(argument) for argument in arguments])
        return ran.exit_code, ran.output

    return run


@pytest.fixture
async def handed(fourgood, tmp_path):
    """Return the file that Tam Kỳ was handed; afterwards nothing lets it in."""
    file = tmp_path / "handed.json"
    await fourgood("district", "add", "TAM-KY", "--out", file)
    yield file
    await fourgood("district", "revoke", "TAM-KY", "--yes")


@pytest.fixture
def put(tmp_path):
    """Return what puts a file into the folder."""

    def put(name, *cells):
        rows = [
            {"type": "registry.OrganizationFounded.v1", "id": one["organization"], "data": one}
            for one in cells
        ]
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / name).write_text("\n".join(map(json.dumps, rows)))

    return put


async def test_a_folder_is_sent_as_who_was_let_in_and_kept_when_they_are_turned_away(
    fourgood, handed, put, ask, tmp_path
):
    watch = ["publish", "--watch", tmp_path / "in", "--once", "--credentials"]
    put("good-and-rejected.jsonl", cell("WATCHED-1"), cell("WATCHED-2", parent="BINH-THUAN"))
    put("refused.jsonl", cell("WATCHED-3") | {"kind": "CASTLE"})

    code, said = await fourgood(*watch, handed)
    assert (1, True) == (code, said.endswith("0 unconfirmed, 1 accepted, 1 rejected\n")), said
    assert "rejected: WATCHED-2: NotYours" in said
    assert "refused.jsonl: refused, nothing of it was stored" in said
    assert 200 == (await ask("registry", "/organizations/WATCHED-1")).status_code

    await fourgood("district", "revoke", "TAM-KY", "--yes")
    put("later.jsonl", cell("WATCHED-4"))
    code, said = await fourgood(*watch, handed, "--timeout", 2)
    assert (1, True) == (code, "; 1 unconfirmed, kept to be sent the next time" in said), said
    assert "Authorization Violation" in said or TURNED_AWAY in said
    assert 404 == (await ask("registry", "/organizations/WATCHED-4")).status_code

    await fourgood("district", "add", "TAM-KY", "--out", tmp_path / "another.json")
    assert (0, "0 unconfirmed, 2 accepted, 1 rejected\n") == await fourgood(*watch, tmp_path / "another.json")
    streams = (await ask.json("registry", "/districts/TAM-KY"))["streams"]
    [mine] = [stream for stream in streams if stream["source"] == "urn:fourgood:tam-ky"]
    assert (3, []) == (mine["received"], mine["missing"])


async def test_a_file_is_checked_and_sent_as_who_was_let_in_until_they_are_turned_away(
    fourgood, handed, district, tmp_path, monkeypatch
):
    file = tmp_path / "one.jsonl"
    file.write_text(json.dumps(district.event("registry.OrganizationFounded.v1", founding("FILED-1"))))

    said = [
        await fourgood("publish", file, "--credentials", handed, *more)
        for more in (["--check"], [], ["--check"])
    ]
    await fourgood("district", "revoke", "TAM-KY", "--yes")
    monkeypatch.setattr("deploy.cli.district.CONNECT_WITHIN_S", 1.0)
    code, why = await fourgood("publish", file, "--credentials", handed)

    counts = ["1 accepted, 0 rejected\n", "1 accepted, 0 rejected\n", "0 accepted, 1 duplicate, 0 rejected\n"]
    assert [(0, count) for count in counts] == said
    assert (1, True) == (code, "cannot reach NATS" in why)
    assert "Authorization Violation" in why or TURNED_AWAY in why
