"""What a decision rests on without changing it must still stand when the decision is stored."""

import asyncio

import pytest

from services.chassis.errors import AlreadyDone, Conflict, Shifted
from services.chassis.eventlog.store import Origin, Store, retried
from tests.chassis.story import ASKED, NOW, Lamp
from tests.chassis.test_store import ENTRY, answering


async def installed(store, code):
    await store.record(Lamp.install(code), origin=ASKED)
    return await store.find(Lamp, f"lamp-{code}")


async def light(store, code):
    lamp = await store.find(Lamp, f"lamp-{code}")
    lamp.light()
    await store.record(lamp, origin=ASKED)


async def test_what_stands_as_it_was_is_rested_on(store):
    resting_on = [await installed(store, "A1"), await installed(store, "A2")]
    receipt = await store.record(Lamp.install("B1"), origin=ASKED, resting_on=resting_on)

    assert ("lamp-B1", 3) == (receipt.subject, receipt.position)


async def test_what_has_changed_is_not_rested_on(store):
    lamp = await installed(store, "A1")
    await light(store, "A1")

    with pytest.raises(Shifted):
        await store.record(Lamp.install("B1"), origin=ASKED, resting_on=[lamp])
    assert None is await store.look_up(Lamp, "lamp-B1")


async def test_a_change_in_the_same_transaction_counts_if_it_stands_before(pool):
    """The change is queued first, then what rests on the lamp as it was; then the other way round."""
    store = Store("registry", pool, clock=lambda: NOW)
    running = asyncio.create_task(store.writer.run())
    first, second = await installed(store, "A1"), await installed(store, "A2")
    before, after = await store.find(Lamp, "lamp-A1"), await store.find(Lamp, "lamp-A2")
    first.light()
    second.light()
    outcomes = await asyncio.gather(
        store.record(first, origin=ASKED),
        store.record(Lamp.install("B1"), origin=ASKED, resting_on=[before]),
        store.record(Lamp.install("B2"), origin=ASKED, resting_on=[after]),
        store.record(second, origin=ASKED),
        return_exceptions=True,
    )
    running.cancel()

    assert ["Receipt", "Shifted", "Receipt", "Receipt"] == [type(outcome).__name__ for outcome in outcomes]


async def test_only_who_rested_on_what_changed_fails(store):
    lamp, other = await installed(store, "A1"), await installed(store, "A2")
    await light(store, "A1")
    outcomes = await asyncio.gather(
        *(
            store.record(
                Lamp.install(f"B{n}"), origin=ASKED, resting_on=[other, lamp] if n in (3, 8) else [other]
            )
            for n in range(10)
        ),
        return_exceptions=True,
    )

    assert [3, 8] == [n for n, outcome in enumerate(outcomes) if isinstance(outcome, Conflict)]
    assert 3 + 8 == len(await store.read(0, 20))


async def test_a_code_that_is_taken_is_said_to_be_taken_whatever_has_shifted(store):
    lamp = await installed(store, "A1")
    await light(store, "A1")

    with pytest.raises(Conflict) as taken:
        await store.record(Lamp.install("A1"), origin=ASKED, resting_on=[lamp])
    assert Conflict is taken.type


async def test_one_may_rest_on_what_one_changes(store):
    lamp = await installed(store, "A1")
    lamp.light()
    await store.record(lamp, origin=ASKED, resting_on=[lamp])

    assert 1 == (await store.find(Lamp, "lamp-A1")).times


async def test_what_was_answered_before_is_not_taken_for_a_change(store):
    lamp = await installed(store, "A1")
    await store.record(Lamp.install("B1"), origin=answering(entry=ENTRY), resting_on=[lamp])

    with pytest.raises(AlreadyDone):
        await store.record(Lamp.install("B2"), origin=answering(entry=ENTRY), resting_on=[lamp])


async def test_of_two_processes_none_rests_on_what_the_other_changed(store):
    """A lamp is lit at most three times, and what rests on it says how often it was when it was stored."""
    other = Store("registry", store.pool, clock=lambda: NOW)
    running = asyncio.create_task(other.writer.run())
    await installed(store, "A1")

    async def rest(place: Store, number: int) -> None:
        for _ in range(100):
            lamp = await place.known(Lamp, "lamp-A1")
            asked = Origin(f"saw {lamp.times}", "c-1", "http:c-1")
            try:
                await place.record(Lamp.install(f"B{number}"), origin=asked, resting_on=[lamp])
            except Conflict:
                continue
            return
        raise AssertionError("it never stood still")

    @retried
    async def change(place: Store) -> None:
        await light(place, "A1")

    hands = [rest((store, other)[n % 2], n) for n in range(60)]
    for n in range(3):
        hands.insert(20 * n + 5, change((store, other)[n % 2]))
    await asyncio.gather(*hands)
    running.cancel()

    times, log = 0, await Store("registry", store.pool).read(0, 100)
    for _, fact, origin in log:
        times += isinstance(fact, Lamp.Lit)
        if origin["actor"].startswith("saw"):
            assert f"saw {times}" == origin["actor"]
    assert (3, 64) == (times, len(log))


# -- Silence: a decision that rests on nothing speaking of something


async def test_what_speaks_of_a_code_is_found_in_the_log(store):
    for code in ("A1", "A10", "B1", "C1"):
        await installed(store, code)
    await light(store, "A1")
    ids, silence = await store.speaking_of({"A1", "C1"})

    assert (["lamp-A1", "lamp-C1"], 5) == (ids, silence.since)


async def test_nothing_is_stored_once_the_silence_it_rests_on_is_broken(store):
    _, silence = await store.speaking_of({"A1"})
    await installed(store, "A10")
    await store.record(Lamp.install("B1"), origin=ASKED, silence=silence)
    await installed(store, "A1")

    with pytest.raises(Shifted):
        await store.record(Lamp.install("B2"), origin=ASKED, silence=silence)
    assert None is await store.look_up(Lamp, "lamp-B2")


async def test_of_many_at_once_those_who_need_silence_have_it(store):
    """Every second one says that there is no A1 yet; from the fifth on there is."""
    _, silence = await store.speaking_of({"A1"})
    codes = ["B0", "B1", "B2", "B3", "A1", "B5", "B6", "B7", "B8", "B9"]
    outcomes = await asyncio.gather(
        *(
            store.record(Lamp.install(code), origin=ASKED, silence=None if number % 2 == 0 else silence)
            for number, code in enumerate(codes)
        ),
        return_exceptions=True,
    )

    assert [5, 7, 9] == [n for n, outcome in enumerate(outcomes) if isinstance(outcome, Shifted)]
    assert [codes[n] for n in (0, 1, 2, 3, 4, 6, 8)] == [fact.code for _, fact, _ in await store.read(0, 20)]
