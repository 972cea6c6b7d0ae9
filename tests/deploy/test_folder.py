"""A watched folder: a file is taken once and as a whole, whatever is killed."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from contracts.publisher import Outbox
from deploy.cli.folder import Folder
from tests.deploy.killed_taking import LINES, SOURCE, TYPE, rows

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path):
    with Outbox(tmp_path / "events.db", source=SOURCE) as outbox:
        place = tmp_path / "in"
        place.mkdir()
        yield Folder(place, outbox)


def put(folder: Folder, name: str, *targets: int) -> Path:
    file = folder.path / name
    file.write_text(rows(*targets))
    return file


def files(folder: Folder, where: str = ".") -> list[str]:
    return sorted(file.name for file in (folder.path / where).iterdir() if file.is_file())


def test_a_file_is_stored_and_moved_away(folder):
    put(folder, f"{TYPE}.csv", 1, 2)

    [looked] = folder.look(at_once=True)

    assert (2, 0, ()) == (looked.new, looked.known, looked.bad)
    assert ([], [f"{TYPE}.csv"]) == (files(folder), files(folder, "taken"))
    assert 2 == folder.outbox.unconfirmed()


def test_a_file_is_taken_when_it_has_not_changed_between_two_looks(folder):
    file = put(folder, f"{TYPE}.csv", 1)

    assert [] == list(folder.look())
    file.write_text(rows(1, 2))
    assert [] == list(folder.look())
    assert [2] == [looked.new for looked in folder.look()]


def test_what_is_unfinished_or_of_another_shape_stays(folder):
    for name in (f".{TYPE}.csv", f"~${TYPE}.csv", f"{TYPE}.csv.part", "notes.txt"):
        put(folder, name, 1)

    assert [] == list(folder.look(at_once=True))
    assert 4 == len(files(folder))


def test_the_same_file_again_is_nothing_new(folder):
    put(folder, f"{TYPE}.csv", 1)
    list(folder.look(at_once=True))
    put(folder, f"{TYPE} again.csv", 1)

    assert [True] == [looked.again for looked in folder.look(at_once=True)]
    assert 1 == folder.outbox.unconfirmed()


def test_of_a_file_that_grew_only_what_is_new_is_stored(folder):
    put(folder, f"{TYPE}.csv", 1, 2)
    list(folder.look(at_once=True))
    put(folder, f"{TYPE}.csv", 1, 2, 3)

    assert [(1, 2)] == [(looked.new, looked.known) for looked in folder.look(at_once=True)]
    assert 2 == len(files(folder, "taken"))


def test_a_file_with_a_bad_row_is_refused_as_a_whole_with_row_column_and_rule(folder):
    file = folder.path / f"{TYPE}.csv"
    file.write_text(rows(1) + "THAN-UYEN,24,7,2024-01-05\n")

    [looked] = folder.look(at_once=True)

    assert looked.report is not None
    [head, told] = csv.reader(looked.report.read_text("utf-8-sig").splitlines())
    assert ["row", "column", "rule", "detail"] == head
    assert ["3", "year", "BreaksContract"] == told[:3]
    assert [f"{TYPE}.csv", f"{TYPE}.csv.problems.csv"] == files(folder, "refused")
    assert 0 == folder.outbox.unconfirmed()


def test_put_right_it_is_taken(folder):
    (folder.path / f"{TYPE}.csv").write_text(rows(1) + "THAN-UYEN,24,7,2024-01-05\n")
    list(folder.look(at_once=True))
    put(folder, f"{TYPE}.csv", 1, 7)

    assert [2] == [looked.new for looked in folder.look(at_once=True)]


def test_an_id_that_was_used_otherwise_is_told_by_its_row(folder):
    def line(target: int) -> str:
        data = {"organization": "THAN-UYEN", "year": "2024", "target": target, "set_on": "2024-01-05"}
        return json.dumps({"type": TYPE, "id": "t-1", "data": data}) + "\n"

    (folder.path / "a.jsonl").write_text(line(1))
    list(folder.look(at_once=True))
    (folder.path / "b.jsonl").write_text("\n" + line(2))
    [looked] = folder.look(at_once=True)

    assert [(2, "IdReused")] == [(row, problem.rule) for row, problem in looked.bad]


def test_a_folder_whose_taker_is_killed_at_any_line_is_taken_once(tmp_path):
    """Each life is given one good file and one bad, and dies before another line of the taking."""
    command = [sys.executable, "-m", "tests.deploy.killed_taking", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert 0 == done.returncode, done.stderr
    lives, kills = map(int, done.stdout.split())

    with Outbox(tmp_path / "events.db", source=SOURCE) as outbox:
        [stream] = outbox.streams()
        told = [
            json.loads(content)["data"]["target"]
            for _, _, content in outbox.between(SOURCE, "registry", 1, 10**6)
        ]
    assert kills > LINES
    assert sorted(told) == list(range(2 * lives))
    assert 2 * lives == stream.last
    assert [] == [file.name for file in (tmp_path / "in").iterdir() if file.is_file()]
    assert lives == len(list((tmp_path / "in/taken").iterdir()))
    assert 2 * lives == len([f for f in (tmp_path / "in/refused").iterdir() if not f.name.startswith(".")])
