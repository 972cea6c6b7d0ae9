"""The province in containers can do what the province as processes can, so one set of tests serves both."""

import inspect

from tests.containers.runtime import Containers
from tests.system.processes import Processes


def test_whatever_a_test_asks_of_processes_it_can_ask_of_containers():
    assert said_of(Processes) == said_of(Containers)


def said_of(kind):
    """Return each public method's name with the names and defaults of what it takes."""
    return {
        name: [(taken.name, taken.default) for taken in inspect.signature(method).parameters.values()]
        for name, method in inspect.getmembers(kind, inspect.isfunction)
        if not name.startswith("_")
    }
