"""These tests need a Docker engine; without one they say so and are skipped."""

import pytest

from tests.containers.engine import NO_ENGINE, engine_answers


def pytest_collection_modifyitems(items):
    """Skip what needs an engine where none answers."""
    waiting = [item for item in items if item.get_closest_marker("containers")]
    if waiting and not engine_answers():
        for item in waiting:
            item.add_marker(pytest.mark.skip(reason=NO_ENGINE))
