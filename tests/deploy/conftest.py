"""What the command line meets in tests: stand-ins of the five services, and an empty data folder."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from typer.testing import CliRunner

from deploy.cli import app
from deploy.embedded.runtime import SERVICES

STATUS = {
    "head": 7,
    "relay": {"position": 6, "lag": 1, "active": True},
    "views": [{"name": "tree", "version": 1, "positions": {"registry": 7}, "lag": 0, "rebuilding": False}],
    "parked": 2,
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


@pytest.fixture
def fourgood():
    """Run the command line with some arguments, and perhaps what a person types."""
    return lambda *arguments, typed=None: CliRunner().invoke(app, list(arguments), input=typed)
