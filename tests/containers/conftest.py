"""These tests need a Docker engine and half a minute for each image: `make test-containers` runs them.

It runs tests/system too, on the same containers; where no engine answers, both say so and are skipped.
"""

import os

import pytest

from tests.containers.engine import NO_ENGINE, ROOT, engine_answers

ASKED_FOR = os.environ.get("FOURGOOD_TEST_RUNTIME") == "containers"


def pytest_collection_modifyitems(items):
    """Skip what needs an engine where none answers, or where nobody asked for it."""
    waiting = [item for item in items if needs_an_engine(item)]
    if not waiting or (ASKED_FOR and engine_answers()):
        return
    reason = NO_ENGINE if ASKED_FOR else "skipped: make test-containers runs these"
    for item in waiting:
        item.add_marker(pytest.mark.skip(reason=reason))


def needs_an_engine(item):
    """Return whether a test is about containers, or is to run on them this time."""
    on_containers = ASKED_FOR and item.path.is_relative_to(ROOT / "tests/system")
    return on_containers or bool(item.get_closest_marker("containers"))
