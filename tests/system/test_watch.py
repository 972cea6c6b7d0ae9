"""A district's folder, signed in with what `fourgood district add` handed over, and turned away."""

import asyncio
import json

import pytest
from typer.testing import CliRunner

from contracts.publisher.line import TURNED_AWAY
from deploy.cli import app
from tests.system.test_intake import founding


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
def put(tmp_path):
    """Return what puts a file into the folder."""

    def put(name, *cells):
        rows = [
            {"type": "registry.OrganizationFounded.v1", "id": cell["organization"], "data": cell}
            for cell in cells
        ]
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / name).write_text("\n".join(map(json.dumps, rows)))

    return put


async def test_a_folder_is_sent_as_who_was_let_in_and_kept_when_they_are_turned_away(
    fourgood, put, ask, tmp_path
):
    watch = ["publish", "--watch", tmp_path / "in", "--once", "--timeout", 2, "--credentials"]
    one, two = tmp_path / "one.json", tmp_path / "two.json"
    await fourgood("district", "add", "TAM-KY", "--out", one)
    put("good-and-rejected.jsonl", founding("WATCHED-1"), founding("WATCHED-2", parent="BINH-THUAN"))
    put("refused.jsonl", founding("WATCHED-3") | {"kind": "CASTLE"})

    code, said = await fourgood(*watch, one)
    assert (1, True) == (code, said.endswith("0 unconfirmed, 1 accepted, 1 rejected\n")), said
    assert "rejected: WATCHED-2: NotYours" in said
    assert "refused.jsonl: refused, nothing of it was stored" in said
    assert 200 == (await ask("registry", "/organizations/WATCHED-1")).status_code

    await fourgood("district", "revoke", "TAM-KY", "--yes")
    put("later.jsonl", founding("WATCHED-4"))
    code, said = await fourgood(*watch, one)
    assert (1, True) == (code, "; 1 unconfirmed, kept to be sent the next time" in said), said
    assert "Authorization Violation" in said or TURNED_AWAY in said
    assert 404 == (await ask("registry", "/organizations/WATCHED-4")).status_code

    await fourgood("district", "add", "TAM-KY", "--out", two)
    assert (0, "0 unconfirmed, 2 accepted, 1 rejected\n") == await fourgood(*watch, two)
    [stream] = (await ask.json("registry", "/districts/TAM-KY"))["streams"]
    assert ("urn:fourgood:tam-ky", 3, []) == (stream["source"], stream["received"], stream["missing"])
