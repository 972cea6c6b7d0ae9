"""A town that every service knows: founded by the examples of their OpenAPI, for questions to be about."""

from collections.abc import Sequence
from importlib import import_module
from time import time
from typing import Any

import httpx
import jwt
import psycopg

from deploy.embedded.runtime import SERVICES
from services.chassis.edge.auth import AUDIENCE
from services.chassis.edge.examples import Step, story
from tests.patience import PATIENCE_S
from tests.system.processes import Processes

STORIES = {
    service: story(import_module(f"services.{service}.api").__file__ or "")
    for service in ("registry", "assessment", "classification")
}
"""In the order in which they follow from one another."""

ACTOR = "whoever-asks"
"""The subject of every token here: by it a log tells what was stored for one of these questions."""

BESIDE = ("inbox", "parked", "person_key")
"""What a command may write beside the log, in the services that have it."""


class Town:
    """A running province, and what each of its services has stored."""

    def __init__(self, province: Processes) -> None:
        self.province = province
        self.officer = self._token("officer", "auditor", "operator", "secretary")
        self.others = [
            {},
            self._token("auditor"),
            self._token("officer", subtree="DONG-MAI"),
            self._token("secretary", subtree="BIEU-NGHI-1"),
        ]
        self._databases = {
            name: psycopg.connect(province.database_url(name), autocommit=True) for name in SERVICES
        }
        self._stored = {name: _stored(name, database) for name, database in self._databases.items()}
        self.receipts: list[str] = []

    def close(self) -> None:
        """Let go of the databases."""
        for database in self._databases.values():
            database.close()

    def found(self) -> None:
        """Tell each service its story, once it has seen what came before."""
        for service, steps in STORIES.items():
            base = f"{self.province.url(service)}/{service}/v1"
            with httpx.Client(base_url=base, headers=self.officer, timeout=PATIENCE_S) as http:
                receipts = [self._told(http, step) for step in steps]
            self.receipts.append(f"{service}:{max(receipts)}")

    def _told(self, http: httpx.Client, step: Step) -> int:
        url = httpx.URL(step.path).copy_merge_params({"after": self.receipts})
        answer = http.request(step.method, url, json=step.body)
        assert answer.status_code < 300, (step.title, answer.text)
        return answer.json().get("position", 0) if answer.content else 0

    def _token(self, *roles: str, subtree: str = "*") -> dict[str, str]:
        claims = {"iss": "fourgood", "aud": AUDIENCE, "sub": ACTOR, "exp": time() + 86_400}
        key = self.province.embedded.keys.signing_pem
        token = jwt.encode(claims | {"roles": roles, "subtree": subtree}, key, algorithm="EdDSA")
        return {"Authorization": f"Bearer {token}"}

    def document(self, service: str) -> dict[str, Any]:
        """Return a service's own OpenAPI, as it answers it."""
        url = f"{self.province.url(service)}/{service}/v1/openapi.json"
        document: dict[str, Any] = httpx.get(url, timeout=PATIENCE_S).json()
        return document

    def stored(self, service: str) -> Sequence[Any]:
        """Return what whoever asks has stored: the last fact, and how much there is beside the log."""
        row = self._databases[service].execute(self._stored[service], {"actor": f'"{ACTOR}"'}).fetchone()
        assert row is not None
        return row


def _stored(service: str, database: psycopg.Connection[Any]) -> str:
    """Return the query for it. Reactions store facts at any moment, so the head of a log says little."""
    found = database.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    there = {name for (name,) in found}
    asked = [f"(SELECT count(*) FROM {name})" for name in BESIDE if name in there]
    if f"{service}_events" in there:
        says = "position(convert_to(%(actor)s, 'UTF8') IN state) > 0"
        asked.append(f"(SELECT max(notification_id) FROM {service}_events WHERE {says})")
    return f"SELECT {', '.join(asked)}"
