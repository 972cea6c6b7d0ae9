"""The command line: its help, its failures in one line, the replay, tokens, and care with data."""

import json

import jwt
import pytest
import typer

from deploy.cli import app
from deploy.embedded.keys import Keys
from services.chassis.edge.auth import Auth

COMMANDS = [
    "up",
    "publish",
    "conformance",
    "import",
    "replay",
    "status",
    "districts",
    "rebuild",
    "leaf",
    "parked list",
    "parked show",
    "parked retry",
    "parked drop",
    "district add",
    "district list",
    "district rotate",
    "district revoke",
    "token",
    "clean-data",
]

# -- Help and misuse


def test_no_command_is_forgotten_here():
    top = typer.main.get_command(app).commands
    groups = "parked", "district"
    beneath = {f"{group} {name}" for group in groups for name in top[group].commands}

    assert set(COMMANDS) == beneath | top.keys() - {*groups}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(fourgood, command):
    result = fourgood(*command.split(), "--help")

    assert 0 == result.exit_code
    assert f"Example: fourgood {command}" in result.output


@pytest.mark.parametrize(
    "arguments",
    [
        "nonsense",
        "publish",
        "publish events.jsonl",
        "up --reporting-port 99999999",
        "up --reporting-port http",
        "token --role king",
        "replay",
        "replay TU-C-001 --format xml",
        "parked show",
    ],
)
def test_a_misspelt_command_is_answered_in_one_line_with_2(fourgood, arguments):
    result = fourgood(*arguments.split())

    assert 2 == result.exit_code
    assert result.stderr.startswith("fourgood: ")
    assert 1 == result.stderr.count("\n")


@pytest.mark.parametrize(
    "arguments",
    [
        "status",
        "replay TU-C-001",
        "rebuild headcount",
        "parked list",
        "token --role officer",
        "publish no-such-file --district THAN-UYEN",
        "replay TU-C-001 --as-of yesterday",
        "parked show registry",
        "parked retry nonsense/1",
        "parked drop registry/x",
    ],
)
def test_what_cannot_be_done_is_said_in_one_line_with_1(fourgood, arguments):
    result = fourgood(*arguments.split())

    assert 1 == result.exit_code
    assert result.stderr.startswith("fourgood: ")
    assert 1 == result.stderr.count("\n")


def test_a_service_that_does_not_answer_is_named_with_its_log(fourgood, services, monkeypatch):
    monkeypatch.setenv("FOURGOOD_URL_REPORTING", "http://127.0.0.1:1")

    result = fourgood("status")

    assert 1 == result.exit_code
    assert "reporting does not answer at http://127.0.0.1:1" in result.stderr
    assert "reporting.log" in result.stderr
    assert "notification" in result.stdout


def test_a_problem_is_told_in_its_own_words(fourgood, services):
    result = fourgood("replay", "NO-SUCH")

    assert 1 == result.exit_code
    assert "fourgood: reporting: NotFound: no organization NO-SUCH\n" == result.stderr


# -- replay


STATE = {
    "on": "2024-11-30",
    "name": "Chi bộ Biểu Nghi",
    "kind": "GRASSROOTS_CELL",
    "parent": "DONG-MAI",
    "members": {"full": 21, "probationary": 1},
    "framework": None,
    "model": None,
    "meetings": [],
    "visits": [],
    "assessments": [],
    "classes": [],
}


def entry(position: int, at: str) -> dict:
    data = {"organization": "BIEU-NGHI", "topic": "A theme"}
    return {
        "position": position,
        "at": at,
        "source": "assessment",
        "type": "assessment.MeetingHeld.v1",
        "data": data,
    }


@pytest.fixture
def replayed(services):
    services.answer("GET /reporting/v1/cells/BIEU-NGHI/state", STATE)
    services.answer(
        "GET /reporting/v1/cells/BIEU-NGHI/timeline",
        {"entries": [entry(1, "2024-11-05T01:00:00Z")], "next": 1},
        # 1 December in the province, still 30 November in UTC.
        {"entries": [entry(2, "2024-11-30T18:00:00Z")], "next": None},
    )
    return services


def test_a_replay_asks_for_every_page(fourgood, replayed):
    document = json.loads(fourgood("replay", "BIEU-NGHI", "--format", "json").stdout)

    assert [1, 2] == [one["position"] for one in document["timeline"]]
    assert "GET /reporting/v1/cells/BIEU-NGHI/timeline?start=1" in replayed.asked


def test_a_replay_as_of_a_day_ends_with_that_day_in_the_province(fourgood, replayed):
    document = json.loads(fourgood("replay", "BIEU-NGHI", "--as-of", "2024-11-30", "--format", "json").stdout)

    assert [1] == [one["position"] for one in document["timeline"]]
    assert "GET /reporting/v1/cells/BIEU-NGHI/state?on=2024-11-30" in replayed.asked


def test_a_replay_for_people_names_the_cell_and_its_members(fourgood, replayed):
    result = fourgood("replay", "BIEU-NGHI")

    assert 0 == result.exit_code
    assert "Chi bộ Biểu Nghi" in result.stdout
    assert "22 (1 probationary)" in result.stdout
    assert "topic A theme" in result.stdout


# -- token and the data folder


def test_a_token_carries_what_was_asked_for(fourgood, elsewhere):
    keys = Keys(elsewhere / "keys")

    result = fourgood(
        "token", "--role", "officer", "--subtree", "THAN-UYEN", "--days", "2", "--subject", "desk-1"
    )
    claims = jwt.decode(
        result.stdout.strip(), keys.public_pem, algorithms=["EdDSA"], audience="fourgood", issuer="fourgood"
    )

    assert (["officer"], "THAN-UYEN", "desk-1") == (claims["roles"], claims["subtree"], claims["sub"])
    assert 2 * 86_400 == claims["exp"] - claims["iat"]


def test_a_token_of_a_member_needs_no_role(fourgood, elsewhere):
    keys = Keys(elsewhere / "keys")

    token = fourgood("token", "--member", "M-0042").stdout.strip()
    caller = Auth(keys.public_pem, "fourgood").verify(token)

    assert ("sample-member", frozenset(), "", "M-0042") == (
        caller.subject,
        caller.roles,
        caller.subtree,
        caller.member,
    )


def test_a_token_for_nothing_is_not_made(fourgood, elsewhere):
    Keys(elsewhere / "keys")

    result = fourgood("token")

    assert 1 == result.exit_code
    assert "--role, --member or both" in result.stderr


def test_a_folder_of_something_else_is_never_erased(fourgood, tmp_path, elsewhere):
    elsewhere.mkdir()
    (elsewhere / "thesis.txt").write_text("all of it")

    result = fourgood("clean-data", "--yes")

    assert 1 == result.exit_code
    assert "all of it" == (elsewhere / "thesis.txt").read_text()


def test_erasing_asks_first(fourgood, elsewhere):
    Keys(elsewhere / "keys")
    (elsewhere / "lock").touch()

    assert 1 == fourgood("clean-data", typed="n\n").exit_code
    assert elsewhere.exists()
    assert 0 == fourgood("clean-data", typed="y\n").exit_code
    assert not elsewhere.exists()
