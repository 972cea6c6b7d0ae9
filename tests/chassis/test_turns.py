"""However much one district asks, another is answered beside it; beyond a bound there is no answer."""

import asyncio
from collections import Counter
from contextlib import suppress

import anyio
import pytest
from nats.errors import NoRespondersError

from contracts.publisher.line import Line
from contracts.received import Asked, Received
from deploy.cli.district import credentials_of
from services.chassis.districts import turns
from services.chassis.districts.asking import Asking
from services.chassis.districts.turns import Turns
from tests.chassis.conftest import connected
from tests.chassis.districts import district
from tests.chassis.story import until
from tests.patience import PATIENCE_S

WITHIN_S = 1.0
FLOOD = 5_000


class Held:
    """What answers one question after another as it is let, and counts them."""

    def __init__(self):
        self.let = asyncio.Semaphore(0)
        self.begun = Counter()

    async def answer(self, question):
        self.begun[question.subject] += 1
        if b"now" not in question.data:
            await self.let.acquire()
        if b"fail" in question.data:
            raise LookupError
        await question.respond(question.data)


@pytest.fixture
async def held():
    return Held()


@pytest.fixture
async def answers(nats, held):
    """Return the turns of what is held, on the registry's connection."""
    answers = Turns("questions", held.answer, bytes_max=4_000)
    async with connected(nats) as broker, anyio.create_task_group() as tasks:
        tasks.start_soon(answers.run, broker.connection, "received.registry.*", "registry")
        await until(lambda: broker.connection._subs)
        await broker.connection.flush()
        yield answers
        tasks.cancel_scope.cancel()


async def ask(asker, *questions):
    """Ask without waiting for the answers, which are listed in what is returned."""
    said = []

    async def hear(answer):
        said.append(answer.data)

    to = asker.connection.new_inbox()
    await asker.connection.subscribe(to, cb=hear)
    for question in questions:
        await asker.connection.publish(f"received.registry.{asker.code}", question, reply=to)
    await asker.connection.flush()
    return said


async def test_of_one_district_one_question_is_answered_at_a_time_and_no_more_than_a_few_wait(
    than_uyen, answers, held
):
    said = await ask(than_uyen, *(b"%d" % n for n in range(turns.OF_ONE_MAX + 5)))
    await until(lambda: held.begun and answers.bounds[0].used() == turns.OF_ONE_MAX)

    assert 1 == held.begun.total()
    for _ in range(turns.OF_ONE_MAX + 5):
        held.let.release()
    await until(lambda: not answers.bounds[0].used())
    await until(lambda: len(said) == turns.OF_ONE_MAX)
    assert [b"%d" % n for n in range(turns.OF_ONE_MAX)] == said


async def test_one_district_takes_a_part_of_the_bytes_only(than_uyen, answers):
    await ask(than_uyen, b"x" * 600, b"x" * 600, b"x" * 300)
    await until(lambda: answers.bounds[1].used() == 900)

    assert 2 == answers.bounds[0].used()


async def test_a_question_that_fails_stops_no_other(than_uyen, answers):
    said = await ask(than_uyen, b"now fail", b"now")
    await until(lambda: said)

    assert [b"now"] == said


async def test_another_district_is_answered_while_one_is_not(nats, than_uyen, answers, held):
    await ask(than_uyen, b"1", b"2")
    async with district(nats, "TAM-KY") as tam_ky:
        answer = await tam_ky.connection.request("received.registry.TAM-KY", b"now", timeout=WITHIN_S)

    assert b"now" == answer.data
    assert 1 == held.begun["received.registry.THAN-UYEN"]


async def test_while_one_asks_without_end_another_is_told_within_a_second_what_has_arrived(
    nats, intake, than_uyen
):
    async with district(nats, "TAM-KY") as tam_ky, anyio.create_task_group() as tasks:
        tasks.start_soon(Asking(intake).run)
        await until(lambda: listens(than_uyen))
        await ask(than_uyen, *[b"{}"] * FLOOD)
        answer = await tam_ky.connection.request("received.registry.TAM-KY", b"{}", timeout=WITHIN_S)
        tasks.cancel_scope.cancel()

    assert "TAM-KY" == Received.model_validate_json(answer.data).district


async def test_a_publisher_of_many_sources_is_answered_of_each(nats, intake, than_uyen):
    credentials = credentials_of(than_uyen.code, nats.url(than_uyen.code))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(Asking(intake).run)
        await until(lambda: listens(than_uyen))
        async with Line(credentials, *credentials.nats, heard=print, wanted=print) as line:
            sources = [Asked(source=f"urn:{number}") for number in range(3 * turns.OF_ONE_MAX)]
            answers = await asyncio.gather(*(line.ask("registry", source) for source in sources))
        tasks.cancel_scope.cancel()

    assert None not in answers


async def listens(asker):
    """Return an answer, if there is who answers."""
    with suppress(NoRespondersError):
        return await asker.connection.request(f"received.registry.{asker.code}", b"{}", timeout=PATIENCE_S)
