"""Who is offered names, and what a page says while the registry does not answer."""

import socket
from typing import get_args

import pytest
from starlette.requests import Request

from services.chassis.edge.auth import Caller
from services.chassis.errors import Overloaded
from services.registry.persons import Purpose as RegistrysPurpose
from services.reporting.console.names import AWAY, Names, Purpose
from services.reporting.console.services import Away, Services

pytestmark = pytest.mark.anyio

REQUEST = Request({"type": "http", "headers": [(b"cookie", b"fourgood_token=a-token")]})


def caller(role):
    return Caller("reader", frozenset({role}), "C-1")


@pytest.fixture
def nowhere():
    """An address where nothing listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}"


@pytest.mark.parametrize(
    ("role", "offered"), [("officer", True), ("secretary", True), ("auditor", False), ("operator", False)]
)
async def test_names_are_offered_to_those_who_keep_files(nowhere, role, offered):
    found = await Names(Services({"registry": nowhere})).of(REQUEST, caller(role), ["M-1"], None)

    assert (offered, False, {}) == (found.offered, found.away, found.names)


async def test_without_an_address_of_the_registry_nobody_is_offered_names():
    found = await Names(Services({"registry": ""})).of(REQUEST, caller("officer"), ["M-1"], "CONTACT")

    assert (False, None, {}) == (found.offered, found.purpose, found.names)


async def test_while_the_registry_does_not_answer_the_page_says_so(nowhere):
    found = await Names(Services({"registry": nowhere})).of(REQUEST, caller("officer"), ["M-1"], "CONTACT")

    assert (True, True, {}) == (found.offered, found.away, found.names)


def test_a_reader_looks_for_a_purpose_that_the_registry_knows():
    """What is asked for a data subject's own request is looked at in the registry, in full."""
    assert {*get_args(Purpose), "DATA_REQUEST"} == set(RegistrysPurpose)


async def test_while_nobody_can_be_asked_no_file_with_names_begins(nowhere):
    naming = Names(Services({"registry": nowhere})).naming("Bearer a-token", "CONTACT")

    with pytest.raises(Overloaded):
        await naming(["M-1"])


async def test_a_file_whose_names_break_off_says_so_and_asks_no_more(monkeypatch, nowhere):
    names = Names(Services({"registry": nowhere}))
    answers = [{"M-1": "Võ Thị Hạnh"}]

    async def ask(*_):
        if not answers:
            raise Away("registry")
        return answers.pop()

    monkeypatch.setattr(names, "_ask", ask)
    naming = names.naming("Bearer a-token", "CONTACT")

    assert {"M-1": "Võ Thị Hạnh"} == await naming(["M-1"])
    assert {"M-2": AWAY} == await naming(["M-2"])
    answers.append({"M-3": "never asked"})
    assert {"M-3": AWAY} == await naming(["M-3"])
