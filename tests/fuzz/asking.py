"""Questions made by schemathesis from a service's own OpenAPI, and how each answer is judged."""

from collections.abc import Sequence
from time import monotonic
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import APIOperation, Case, GenerationMode, Response
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi import checks

from tests.fuzz.knowing import knowing, known_by
from tests.fuzz.town import STORIES, Town

WITHIN_S = 30.0
"""An answer that takes longer hangs: no use case waits for more than five seconds."""

CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
]


class Asker:
    """Asks one service of a town."""

    def __init__(self, town: Town, service: str, examples_max: int, *, repeatable: bool) -> None:
        self.town = town
        self.service = service
        self.asked = 0
        self._defects: dict[tuple[str, str], str] = {}
        self._session = requests.Session()
        self._url = town.province.url(service)
        self._callers = st.sampled_from([town.officer, *town.others])
        self._settings = settings(
            max_examples=examples_max,
            derandomize=repeatable,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )

    def defects(self) -> Sequence[str]:
        """Ask everything there is to ask. Return what was answered that should not have been."""
        schema = schemathesis.openapi.from_dict(self._document())
        for found in schema.get_all_operations():
            self._ask_of(found.ok())
        return list(self._defects.values())

    def _document(self) -> dict[str, Any]:
        steps = [step for story in STORIES.values() for step in story]
        known = known_by(steps) | {"after": self.town.receipts}
        return knowing(self.town.document(self.service), known)

    def _ask_of(self, operation: APIOperation) -> None:
        modes = [operation.as_strategy(generation_mode=mode) for mode in GenerationMode]

        @self._settings
        @given(st.one_of(modes), self._callers)
        def ask(case: Case, caller: dict[str, str]) -> None:
            self._ask(case, caller)

        ask()

    def _ask(self, case: Case, caller: dict[str, str]) -> None:
        before = self.town.stored(self.service)
        self.asked += 1
        answer = self._answer(case, caller)
        try:
            unknown = (case.query or {}).keys() - {one.name for one in case.operation.query}
            # As HTTP has it, a parameter that nobody knows is passed over: no reason to refuse.
            but = [checks.negative_data_rejection] if unknown else []
            case.validate_response(answer, checks=CHECKS, excluded_checks=but)
            refused = answer.status_code >= 400
            assert not refused or before == self.town.stored(self.service), "stored, though refused"
        except (AssertionError, FailureGroup) as failure:
            # Not raised: asked again, the town would answer otherwise; and the next question is a good one.
            said = "; ".join(str(one) for one in getattr(failure, "exceptions", [failure]))
            label = case.operation.label
            self._defects[label, said] = f"{label}: {said}\n{case.as_curl_command()}\n{answer.text[:500]}"

    def _answer(self, case: Case, caller: dict[str, str]) -> Response:
        """Return the answer. Whoever is told to come again does: files are imported one at a time."""
        until = monotonic() + WITHIN_S
        while True:
            answer = case.call(self._url, session=self._session, headers=caller, timeout=WITHIN_S)
            if answer.status_code != 503 or monotonic() > until:
                return answer
