"""`fourgood import`: a file is sent, watched, and what was said of it is shown."""

import pytest

ID = "0" * 32
RUN = {
    "id": ID,
    "state": "WAITING",
    "kind": "members",
    "validate_only": False,
    "done": 0,
    "total": 0,
    "rows": 2,
    "new": 2,
    "unchanged": 0,
    "recorded": 0,
    "problems_total": 0,
    "problems": [],
    "flags_total": 0,
    "flags": [],
}
TOO_YOUNG = {
    "row": 3,
    "column": None,
    "rule": "TooYoung",
    "source": "294-QĐ/TW",
    "detail": "M-0043 is not yet 18",
    "beside": None,
}
DIFFERS = {
    "row": 2,
    "column": None,
    "rule": "DiffersFromRecorded",
    "source": "house rule",
    "detail": "M-0042 is recorded otherwise",
    "beside": {
        "row": None,
        "code": "M-0042",
        "differs": {"standing": ["FULL", None], "name": [None, None]},
    },
}


@pytest.fixture
def file(tmp_path):
    (tmp_path / "members.csv").write_bytes(b"member\r\n")
    return str(tmp_path / "members.csv")


@pytest.fixture
def ends(services, monkeypatch):
    """Let the import end in some way."""
    monkeypatch.setattr("deploy.cli.importing.POLL_EVERY_S", 0.01)

    def ends(**how):
        services.answer("POST /registry/v1/imports", RUN, status=202)
        reading = {**RUN, "state": "READING"}
        recording = {**RUN, "state": "RECORDING", "done": 1, "total": 2}
        services.answer(f"GET /registry/v1/imports/{ID}", reading, recording, {**RUN, **how})

    return ends


def test_an_import_is_followed_to_its_end(fourgood, services, file, ends):
    ends(state="DONE", recorded=2)

    result = fourgood("import", file)

    assert (0, "members.csv: 2 members; 2 recorded, 0 were already\n") == (result.exit_code, result.stdout)
    assert "POST /registry/v1/imports" in services.asked


def test_the_same_file_again_says_that_nothing_changed(fourgood, file, ends):
    ends(state="DONE", unchanged=2)

    assert (
        "members.csv: 2 members, all recorded already: nothing changed\n" == fourgood("import", file).stdout
    )


def test_a_check_records_nothing(fourgood, services, file, ends):
    ends(state="VALID", unchanged=1, new=1)

    result = fourgood("import", file, "--check")

    assert "members.csv: 2 members, nothing wrong; 1 are new, 1 recorded already\n" == result.stdout
    assert "POST /registry/v1/imports?validate_only=true" in services.asked


def test_each_problem_is_shown_with_row_rule_and_source(fourgood, file, ends):
    ends(state="REFUSED", problems=[DIFFERS, TOO_YOUNG], problems_total=300)

    result = fourgood("import", file)

    assert 1 == result.exit_code
    assert "fourgood: members.csv: 300 problems, nothing was recorded\n" == result.stderr
    assert "… and 298 more" in result.stdout
    assert "M-0043 is not yet 18" in result.stdout
    assert "(here | M-0042: standing FULL | –, name differs)" in result.stdout


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("INTERRUPTED", "interrupted after 1; run it again, it goes on from there"),
        ("INCOMPLETE", "1 recorded, 1 refused after all"),
        ("FAILED", f"our mistake, it was logged (FAILED, import {ID})"),
    ],
)
def test_an_import_that_did_not_end_well_says_what_to_do(fourgood, file, ends, state, said):
    ends(state=state, recorded=1, problems_total=1)

    result = fourgood("import", file)

    assert (1, f"fourgood: members.csv: {said}\n") == (result.exit_code, result.stderr)


def test_a_file_that_is_not_there_is_told_in_one_line(fourgood, services, tmp_path):
    result = fourgood("import", str(tmp_path / "no.csv"))

    assert 1 == result.exit_code
    assert "no.csv: No such file or directory" in result.stderr
    assert [] == services.asked
