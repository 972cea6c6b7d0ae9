"""`fourgood publish --watch`: a folder's files sent, answered, shown, and a month closed."""

import asyncio
import json

import pytest
from typer.testing import CliRunner

from deploy.cli import app, watch
from deploy.cli.failure import Failure
from tests.chassis.story import until
from tests.publisher.province import CODE, SOURCE
from tests.publisher.test_closing import KEY

TYPE = "registry.AdmissionTargetSet.v1"
HEAD = "id,organization,year,target,set_on\n"


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "in"
    place.mkdir()
    (place / f"{TYPE}.csv").write_text(f"{HEAD}t-1,{CODE},2024,1,2024-01-05\nt-2,{CODE},2024,2,2024-01-06\n")
    return place


def shown(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["publish", *arguments])
    assert 0 == result.exit_code, result.output
    return result.output


async def test_what_is_put_there_is_taken_sent_and_answered(province, credentials, folder, capsys):
    assert await watch.watch(folder, credentials, once=True, close="")

    assert ["t-1", "t-2"] == province.ids
    assert "2 events stored\n0 unconfirmed, 2 accepted, 0 rejected" in capsys.readouterr().out


async def test_while_it_is_watched_it_is_said_how_it_stands_and_once(
    province, credentials, folder, capsys, monkeypatch
):
    monkeypatch.setattr(watch, "LOOK_EVERY_S", 0.02)
    watching = asyncio.create_task(watch.watch(folder, credentials, once=False, close=""))
    said = []

    def says(words):
        said.extend(capsys.readouterr().out.splitlines())
        return [line for line in said if words in line]

    await until(lambda: says("2 accepted, 0 rejected"))
    (folder / f"{TYPE} 2.csv").write_text(f"{HEAD}t-3,{CODE},2024,3,2024-01-07\n")
    await until(lambda: says("3 accepted, 0 rejected"))
    watching.cancel()
    await asyncio.wait([watching])

    assert 1 == len(says("; 0 unconfirmed, 2 accepted"))


async def test_a_rejection_is_said_with_its_reason_and_it_is_not_well(province, credentials, folder, capsys):
    province.rejects["t-2"] = "NotInYourSubtree"

    assert not await watch.watch(folder, credentials, once=True, close="")

    assert "rejected: t-2: NotInYourSubtree" in capsys.readouterr().out
    assert "NotInYourSubtree" in shown("--watch", str(folder), "--district", CODE, "--show", "--url", URL)


async def test_a_refused_file_is_said_by_row_column_and_rule(province, credentials, folder, capsys):
    (folder / f"{TYPE} 2.csv").write_text(f"{HEAD}t-3,{CODE},24,1,2024-01-05\n")

    assert not await watch.watch(folder, credentials, once=True, close="")

    rows = [line.split()[:3] for line in capsys.readouterr().out.splitlines()]
    assert ["2", "year", "BreaksContract"] in rows


async def test_a_month_is_closed(province, credentials, folder):
    signing = credentials.model_copy(update={"signing_key": KEY})

    assert await watch.watch(folder, signing, once=True, close="2024-11")
    with pytest.raises(Failure, match="2024-11 is closed"):
        await watch.watch(folder, signing, once=True, close="2024-11")

    assert "registry.PeriodClosed.v1" == list(province.recorded.values())[-1]["type"]


def test_what_is_unconfirmed_is_shown(folder):
    with watch.opened(folder, CODE) as outbox:
        data = {"organization": CODE, "year": "2024", "target": 1, "set_on": "2024-01-05"}
        outbox.add(TYPE, data, id="t-1")

    said = shown("--watch", str(folder), "--district", CODE, "--show", "--url", URL)

    assert SOURCE in said
    assert "t-1" in said


URL = f"nats://{CODE}:secret@127.0.0.1:1"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "give a FILE"),
        (["x.jsonl", "--watch", ".", "--district", CODE], "give a FILE"),
        (["--watch", "nowhere", "--district", CODE, "--url", URL, "--show"], "no folder nowhere"),
        (["--watch", ".", "--credentials", "nowhere.json"], "cannot read nowhere.json"),
        (["x.jsonl", "--credentials", "nowhere.json"], "cannot read nowhere.json"),
        (["x.jsonl", "--credentials", "c.json", "--district", CODE], "--district or --credentials"),
        (["--watch", ".", "--district", CODE, "--url", "nats://h:1"], "nats://user:password@host:port"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(arguments, said):
    result = CliRunner().invoke(app, ["publish", *arguments])

    assert 0 != result.exit_code
    assert said in result.output


def test_a_file_that_is_no_credentials_is_said(tmp_path):
    (tmp_path / "c.json").write_text(json.dumps({"district": CODE, "nats": ["nats://h:1"], "user": "u"}))

    with pytest.raises(Failure, match="is not a credentials file: inbox_prefix, key, password, signing_key"):
        watch.read_credentials(tmp_path / "c.json")
