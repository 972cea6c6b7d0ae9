"""The command line: its help, its answers, and its failures in one line. The services are stand-ins here."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import jwt
import pytest
from typer.testing import CliRunner

from deploy.cli import app
from deploy.embedded.keys import Keys
from deploy.embedded.runtime import SERVICES

COMMANDS = [
    "up",
    "publish",
    "replay",
    "status",
    "rebuild",
    "parked list",
    "parked show",
    "parked retry",
    "parked drop",
    "token",
    "clean-data",
]

STATUS = {
    "head": 7,
    "relay": {"position": 6, "lag": 1, "active": True},
    "views": [{"name": "tree", "version": 1, "positions": {"registry": 7}, "lag": 0, "rebuilding": False}],
    "parked": 2,
}
HEADCOUNT = {"name": "headcount", "version": 1, "positions": {"registry": 5}, "lag": 2, "rebuilding": False}
PARKED = {
    "id": 1,
    "kind": "INTAKE",
    "where": "THAN-UYEN",
    "source": "urn:test",
    "event_id": "e1",
    "type": "assessment.MeetingHeld.v1",
    "reason": "UnknownOrganization",
    "detail": "no organization TU-C-999 is known here",
    "parked_at": "2026-01-01T00:00:00Z",
}
PROBLEM = {"type": "urn:fourgood:problem:NotFound", "title": "Not found", "detail": "no organization NO-SUCH"}


class Services:
    """All five services at one address: what they answer, and what they were asked."""

    def __init__(self) -> None:
        self.answers: dict[str, list] = {}
        self.asked: list[str] = []
        self.tokens: set[str] = set()

    def answer(self, what: str, *replies: object, status: int = 200) -> None:
        """Answer `GET /path` with each of the replies in turn, the last for ever."""
        self.answers[what] = [(status, reply) for reply in replies]


@pytest.fixture
def services(monkeypatch) -> Iterator[Services]:
    said = Services()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            asked = f"{self.command} {self.path}"
            said.asked.append(asked)
            said.tokens.add(self.headers["Authorization"])
            replies = said.answers.get(asked.partition("?")[0], [(404, PROBLEM)])
            status, reply = replies.pop(0) if len(replies) > 1 else replies[0]
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(reply).encode() if reply is not None else b"")

        do_GET = do_POST = do_DELETE = answer  # noqa: N815 - http.server's names

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    for service in SERVICES:
        monkeypatch.setenv(f"FOURGOOD_URL_{service.upper()}", f"http://127.0.0.1:{server.server_port}")
        said.answer(f"GET /{service}/v1/status", {**STATUS, "service": service})
        said.answer(f"GET /{service}/v1/parked", [])
    monkeypatch.setenv("FOURGOOD_TOKEN", "a-token")
    yield said
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """No test meets the data of a running system."""
    monkeypatch.setenv("FOURGOOD_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def run(*arguments: str, input: str | None = None):
    return CliRunner().invoke(app, list(arguments), input=input)


# -- Help and misuse


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command):
    result = run(*command.split(), "--help")

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
def test_a_misspelt_command_is_answered_in_one_line_with_2(arguments):
    result = run(*arguments.split())

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
def test_what_cannot_be_done_is_said_in_one_line_with_1(arguments):
    result = run(*arguments.split())

    assert 1 == result.exit_code
    assert result.stderr.startswith("fourgood: ")
    assert 1 == result.stderr.count("\n")


def test_a_service_that_does_not_answer_is_named_with_its_log(services, monkeypatch):
    monkeypatch.setenv("FOURGOOD_URL_REPORTING", "http://127.0.0.1:1")

    result = run("status")

    assert 1 == result.exit_code
    assert "reporting does not answer at http://127.0.0.1:1" in result.stderr
    assert "reporting.log" in result.stderr
    assert "notification" in result.stdout


def test_a_problem_is_told_in_its_own_words(services):
    result = run("replay", "NO-SUCH")

    assert 1 == result.exit_code
    assert "fourgood: reporting: NotFound: no organization NO-SUCH\n" == result.stderr


# -- status and rebuild


def test_status_shows_every_position_and_lag(services):
    result = run("status")

    assert 0 == result.exit_code
    assert 5 == result.stdout.count("registry:7")
    assert 5 == result.stdout.count("fourgood parked list")


def test_status_for_programs_is_json(services):
    assert STATUS["relay"] == json.loads(run("status", "--format", "json").stdout)["registry"]["relay"]


def test_a_rebuild_is_followed_to_its_end(services):
    services.answer("GET /reporting/v1/status", {"service": "reporting", "views": [HEADCOUNT], "parked": 0})
    running = {"view": "headcount", "state": "RUNNING", "done": 1, "total": 9, "detail": ""}
    services.answer("POST /reporting/v1/views/headcount/rebuild", running, status=202)
    services.answer(
        "GET /reporting/v1/views/headcount/rebuild", running, {**running, "state": "DONE", "done": 9}
    )

    result = run("rebuild", "headcount")

    assert 0 == result.exit_code
    assert "reporting/headcount rebuilt from 9 events\n" == result.stdout


def test_a_failed_rebuild_says_why(services):
    failed = {"view": "tree", "state": "FAILED", "done": 3, "total": 9, "detail": "no such column"}
    services.answer("POST /assessment/v1/views/tree/rebuild", failed, status=202)

    result = run("rebuild", "assessment/tree")

    assert 1 == result.exit_code
    assert "fourgood: assessment/tree was not rebuilt (FAILED): no such column\n" == result.stderr


def test_a_view_of_several_services_must_be_named_with_one(services):
    result = run("rebuild", "tree")

    assert 1 == result.exit_code
    assert "say registry/tree or assessment/tree" in result.stderr


def test_an_unknown_view_is_answered_with_those_there_are(services):
    assert "no view heads; there are registry/tree" in run("rebuild", "heads").stderr


# -- parked


def test_parked_events_are_listed_with_their_reasons(services):
    services.answer("GET /assessment/v1/parked", [PARKED])

    result = run("parked", "list")

    assert "assessment/1" in result.stdout
    assert "no organization TU-C-999 is known here" in result.stdout


def test_nothing_parked_is_said(services):
    assert "nothing is parked\n" == run("parked", "list").stdout


def test_one_parked_event_is_shown_with_its_message(services):
    services.answer("GET /assessment/v1/parked/1", {**PARKED, "message": '{"id": "e1"}'})

    assert {"id": "e1"} == json.loads(run("parked", "show", "assessment/1").stdout)["message"]


def test_one_event_is_retried_without_asking(services):
    services.answer("GET /assessment/v1/parked/1", PARKED)
    services.answer("POST /assessment/v1/parked/1/retry", {"outcome": "accepted"})

    result = run("parked", "retry", "assessment/1")

    assert (0, "1 accepted\n") == (result.exit_code, result.stdout)


def test_more_than_one_is_counted_and_asked_about(services):
    services.answer("GET /assessment/v1/parked", [PARKED, {**PARKED, "id": 2, "reason": "TooLarge"}])

    result = run("parked", "drop", "assessment", input="n\n")

    assert 1 == result.exit_code
    assert "2 events: 1 UnknownOrganization, 1 TooLarge. Drop for good?" in result.stdout
    assert not [asked for asked in services.asked if asked.startswith("DELETE")]


def test_an_answer_of_yes_drops_them(services):
    services.answer("GET /assessment/v1/parked", [PARKED, {**PARKED, "id": 2}])
    services.answer("DELETE /assessment/v1/parked/1", None, status=204)
    services.answer("DELETE /assessment/v1/parked/2", None, status=204)

    result = run("parked", "drop", "assessment", input="y\n")

    assert 0 == result.exit_code
    assert "2 dropped" in result.stdout


def test_only_those_with_a_reason_are_taken(services):
    services.answer("GET /assessment/v1/parked", [PARKED, {**PARKED, "id": 2, "reason": "TooLarge"}])
    services.answer("POST /assessment/v1/parked/2/retry", {"outcome": "accepted"})

    result = run("parked", "retry", "assessment", "--reason", "TooLarge")

    assert (0, "1 accepted\n") == (result.exit_code, result.stdout)


def test_what_is_refused_again_ends_with_1(services):
    services.answer("GET /assessment/v1/parked/1", PARKED)
    refusal = {"outcome": "rejected", "reason": "UnknownOrganization", "detail": "still unknown"}
    services.answer("POST /assessment/v1/parked/1/retry", refusal)

    result = run("parked", "retry", "assessment/1")

    assert 1 == result.exit_code
    assert "still unknown" in result.stdout


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


def test_a_replay_asks_for_every_page(replayed):
    document = json.loads(run("replay", "BIEU-NGHI", "--format", "json").stdout)

    assert [1, 2] == [one["position"] for one in document["timeline"]]
    assert "GET /reporting/v1/cells/BIEU-NGHI/timeline?start=1" in replayed.asked


def test_a_replay_as_of_a_day_ends_with_that_day_in_the_province(replayed):
    document = json.loads(run("replay", "BIEU-NGHI", "--as-of", "2024-11-30", "--format", "json").stdout)

    assert [1] == [one["position"] for one in document["timeline"]]
    assert "GET /reporting/v1/cells/BIEU-NGHI/state?on=2024-11-30" in replayed.asked


def test_a_replay_for_people_names_the_cell_and_its_members(replayed):
    result = run("replay", "BIEU-NGHI")

    assert 0 == result.exit_code
    assert "Chi bộ Biểu Nghi" in result.stdout
    assert "22 (1 probationary)" in result.stdout
    assert "topic A theme" in result.stdout


# -- token and the data folder


def test_a_token_carries_what_was_asked_for(elsewhere):
    keys = Keys(elsewhere / "keys")

    result = run("token", "--role", "officer", "--subtree", "THAN-UYEN", "--days", "2", "--subject", "desk-1")
    claims = jwt.decode(
        result.stdout.strip(), keys.public_pem, algorithms=["EdDSA"], audience="fourgood", issuer="fourgood"
    )

    assert (["officer"], "THAN-UYEN", "desk-1") == (claims["roles"], claims["subtree"], claims["sub"])
    assert 2 * 86_400 == claims["exp"] - claims["iat"]


def test_a_folder_of_something_else_is_never_erased(tmp_path, elsewhere):
    elsewhere.mkdir()
    (elsewhere / "thesis.txt").write_text("all of it")

    result = run("clean-data", "--yes")

    assert 1 == result.exit_code
    assert "all of it" == (elsewhere / "thesis.txt").read_text()


def test_erasing_asks_first(elsewhere):
    Keys(elsewhere / "keys")
    (elsewhere / "lock").touch()

    assert 1 == run("clean-data", input="n\n").exit_code
    assert elsewhere.exists()
    assert 0 == run("clean-data", input="y\n").exit_code
    assert not elsewhere.exists()
