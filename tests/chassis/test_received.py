"""What has arrived: every number is accounted for whatever became of its event, and what is missing named."""

import asyncio
import json
from contextlib import suppress

import anyio
import pytest
from nats.errors import NoRespondersError

from contracts.received import Received
from services.chassis.districts.asking import Asking
from services.chassis.eventlog.arrivals import TABLES, Arrivals
from tests.chassis.districts import SOURCE, admission, founding
from tests.chassis.lamps import parked
from tests.chassis.story import ASKED, NOW, Lamp, until
from tests.patience import PATIENCE_S


@pytest.fixture
def arrivals(pool):
    return Arrivals(pool)


@pytest.fixture
async def ask(intake, than_uyen):
    """Return what asks the registry as a district: with a question, or with bytes that are none."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(Asking(intake).run)

        async def ask(**question):
            body = question.get("body") or json.dumps(question).encode()

            async def answer():
                with suppress(NoRespondersError):  # it listens a moment later
                    return await than_uyen.connection.request(
                        "received.registry.THAN-UYEN", body, timeout=PATIENCE_S
                    )

            return Received.model_validate_json((await until(answer)).data)

        yield ask
        tasks.cancel_scope.cancel()


def numbered(number, event=None, **attributes):
    return (event or founding(f"e-{number}", f"TU-C-{number:03}")) | {"number": number} | attributes


async def send(district, *events, name="OrganizationFounded"):
    """Publish events and return their receipts, in the order of the answers."""
    before = len(district.heard)
    for event in events:
        await district.publish(name, event)
    return (await district.answers(before + len(events)))[before:]


async def of(arrivals, source=SOURCE):
    [stream] = await arrivals.streams("THAN-UYEN", source)
    return stream


# -- Every number is accounted for


async def test_what_was_accepted_is_received_and_what_lies_between_is_missing(than_uyen, arrivals):
    await send(than_uyen, numbered(1), numbered(2), numbered(5), numbered(9))

    stream = await of(arrivals)
    assert (9, 4, 4, 0) == (stream.last, stream.received, stream.accepted, stream.rejected)
    assert ((3, 4), (6, 8)) == stream.missing
    assert NOW == stream.heard_at


async def test_what_comes_late_is_missing_no_more(than_uyen, arrivals):
    await send(than_uyen, numbered(1), numbered(3))
    assert ((2, 2),) == (await of(arrivals)).missing
    await send(than_uyen, numbered(2))

    assert (3, ()) == ((await of(arrivals)).received, (await of(arrivals)).missing)


async def test_what_was_rejected_has_arrived(than_uyen, arrivals):
    await send(than_uyen, numbered(1), numbered(2, founding("e-2", "TU-C-001")))

    stream = await of(arrivals)
    assert (2, 1, 1, ()) == (stream.received, stream.accepted, stream.rejected, stream.missing)


async def test_what_breaks_the_contract_or_is_no_event_at_all_has_arrived_by_its_number(than_uyen, arrivals):
    broken = numbered(1, founding("e-1", "TU-C-001", kind="CASTLE"))
    malformed = numbered(2) | {"specversion": "0.3"}
    await send(than_uyen, broken, malformed)

    assert (2, 2, ()) == (
        (await of(arrivals)).received,
        (await of(arrivals)).rejected,
        (await of(arrivals)).missing,
    )


@pytest.mark.parametrize("broken", [{"source": 7}, {"number": "2"}, {"number": 0}, {"number": True}])
async def test_what_cannot_be_told_to_be_of_a_stream_is_in_none(than_uyen, arrivals, broken):
    [receipt] = await send(than_uyen, numbered(1) | broken)

    assert ("rejected", None) == (receipt.outcome, receipt.number)
    assert [] == await arrivals.districts()


async def test_a_misspelt_name_has_arrived_at_the_owner_that_its_type_names(than_uyen, arrivals):
    await send(than_uyen, numbered(1, type="registry.OrganisationFounded.v1"), name="OrganisationFounded")

    assert (1, 1) == ((await of(arrivals)).received, (await of(arrivals)).rejected)


async def test_what_belongs_to_another_owner_has_not_arrived_in_our_stream(than_uyen, arrivals):
    await send(than_uyen, numbered(1, type="assessment.MeetingHeld.v1"))

    assert [] == await arrivals.streams("THAN-UYEN")


async def test_an_event_sent_again_counts_once(than_uyen, arrivals):
    await send(than_uyen, numbered(1))
    await send(than_uyen, numbered(1))
    await send(than_uyen, numbered(2, founding("e-2", "TU-C-001")))
    await send(than_uyen, numbered(2, founding("e-2", "TU-C-001")))

    stream = await of(arrivals)
    assert (2, 1, 1, ()) == (stream.received, stream.accepted, stream.rejected, stream.reused)


async def test_a_rejected_event_that_is_accepted_after_all_is_an_accepted_one(
    intake, than_uyen, arrivals, store
):
    event = numbered(1, admission("e-1", "TU-C-001"))
    await send(than_uyen, event, name="MemberAdmitted")
    await of(arrivals)
    await store.record(Lamp.install("TU-C-001"), origin=ASKED)
    await send(than_uyen, event, name="MemberAdmitted")

    stream = await of(arrivals)
    assert (1, 1, 0, ()) == (stream.received, stream.accepted, stream.rejected, stream.reused)


async def test_an_event_without_a_number_is_in_no_stream(than_uyen, arrivals):
    await send(than_uyen, founding("e-1", "TU-C-001"), founding("e-2", "TU-C-001"))

    assert [] == await arrivals.districts()


async def test_each_source_is_a_stream_of_its_own(than_uyen, arrivals):
    await send(than_uyen, numbered(1), numbered(2, source="urn:other"))

    assert {SOURCE: (), "urn:other": ((1, 1),)} == {
        stream.source: stream.missing for stream in await arrivals.streams("THAN-UYEN")
    }
    assert ["THAN-UYEN"] == await arrivals.districts()


async def test_a_receipt_repeats_the_number_and_what_the_event_replaces(than_uyen):
    [rejected] = await send(than_uyen, numbered(1, founding("e-1", "TU-C-001", kind="CASTLE")))
    [corrected] = await send(than_uyen, numbered(2, founding("e-2", "TU-C-001"), replaces="e-1"))

    assert ("rejected", 1, None) == (rejected.outcome, rejected.number, rejected.replaces)
    assert ("accepted", 2, "e-1") == (corrected.outcome, corrected.number, corrected.replaces)


async def test_an_operator_who_drops_a_rejected_event_makes_nothing_missing(
    than_uyen, arrivals, intake, store
):
    await send(than_uyen, numbered(1, founding("e-1", "TU-C-001", kind="CASTLE")))
    await arrivals._do("DELETE FROM parked", None)

    assert [] == await parked(store)
    assert (1, 1, ()) == (
        (await of(arrivals)).received,
        (await of(arrivals)).rejected,
        (await of(arrivals)).missing,
    )


async def test_what_is_accepted_and_changes_nothing_is_remembered_too(
    store, arrivals, intake, than_uyen, lamps
):
    """Else its number would be missing for ever, and another delivery of it decided by what came since."""
    await store.record(Lamp.install("TU-C-009"), origin=ASKED)

    async def leave(event, origin):
        return await store.record(await store.find(Lamp, "lamp-TU-C-009"), origin=origin)

    intake.handlers["OrganizationFounded"] = leave
    receipts = await send(than_uyen, numbered(1))
    receipts += await send(than_uyen, numbered(1))

    assert [("accepted", "lamp-TU-C-009", 1), ("duplicate", "lamp-TU-C-009", 1)] == [
        (receipt.outcome, receipt.subject, receipt.position) for receipt in receipts
    ]
    assert (1, ()) == ((await of(arrivals)).accepted, (await of(arrivals)).missing)


# -- A number used again


@pytest.mark.parametrize("second", [founding("e-9", "TU-C-009"), founding("e-9", "TU-C-001", kind="CASTLE")])
@pytest.mark.parametrize("between", [True, False], ids=["told before", "told together"])
async def test_a_second_event_under_a_number_is_kept_and_shown(than_uyen, arrivals, second, between):
    await send(than_uyen, numbered(1))
    if between:
        assert () == (await of(arrivals)).reused
    receipts = await send(than_uyen, numbered(1, second))

    assert ["rejected" if "CASTLE" in str(second) else "accepted"] == [one.outcome for one in receipts]
    assert ((1,), 1) == ((await of(arrivals)).reused, (await of(arrivals)).received)


@pytest.mark.parametrize("first", ["good", "bad"])
@pytest.mark.parametrize("between", [True, False], ids=["told before", "told together"])
async def test_a_number_that_an_accepted_event_bears_is_accepted_once_whatever_else_bears_it(
    than_uyen, arrivals, first, between
):
    good, bad = numbered(1), numbered(1, founding("e-9", "TU-C-009", kind="CASTLE"))
    events = [good, bad] if first == "good" else [bad, good]
    await send(than_uyen, events[0])
    if between:
        await of(arrivals)
    await send(than_uyen, events[1])

    stream, [month] = await of(arrivals), await arrivals.months("THAN-UYEN", "2020-01")
    assert (1, 1, 0) == (stream.received, stream.accepted, stream.rejected)
    assert (1, 1, 0) == (month.received, month.accepted, month.rejected)


async def test_the_month_of_a_rejected_event_is_not_that_of_the_accepted_one_of_its_number(
    than_uyen, arrivals
):
    await send(than_uyen, numbered(1, founding("e-1", "TU-C-001", "TAM-KY", founded_on="2020-02-01")))
    await send(than_uyen, numbered(1, founding("e-1", "TU-C-001")))

    [january], [february] = [await arrivals.months("THAN-UYEN", month) for month in ("2020-01", "2020-02")]
    assert (1, 0, 0, 1) == (january.accepted, january.rejected, february.accepted, february.rejected)
    assert (1, 0) == ((await of(arrivals)).accepted, (await of(arrivals)).rejected)


async def test_what_was_summed_up_before_its_outcome_was_kept_is_known_again(than_uyen, arrivals, pool):
    await send(than_uyen, numbered(1), numbered(2, founding("e-2", "TU-C-001")))
    before = await of(arrivals)
    async with pool.connection() as connection:
        await connection.execute("ALTER TABLE numbered DROP COLUMN accepted")
        await connection.execute(TABLES)

    assert (before, (1, 1)) == (await of(arrivals), (before.accepted, before.rejected))


async def test_two_contents_rejected_under_one_number_are_two_events(than_uyen, arrivals):
    await send(than_uyen, numbered(1, founding("e-1", "TU-C-001", kind="CASTLE")))
    assert () == (await of(arrivals)).reused
    await send(than_uyen, numbered(1, founding("e-1", "TU-C-001", kind="TOWER")))

    assert (1,) == (await of(arrivals)).reused


# -- Summed up


async def test_whoever_sums_up_at_the_same_time_counts_nothing_twice(than_uyen, arrivals):
    await send(than_uyen, *(numbered(n) for n in range(1, 21)))
    await asyncio.gather(*(arrivals.sum_up() for _ in range(5)))

    stream = await of(arrivals)
    assert (20, (), ()) == (stream.received, stream.missing, stream.reused)


async def test_much_that_has_arrived_is_summed_up_in_parts(than_uyen, arrivals, monkeypatch):
    monkeypatch.setattr("services.chassis.eventlog.arrivals.AT_ONCE_MAX", 3)
    await send(than_uyen, *(numbered(n) for n in range(1, 11)))

    assert (10, (), ()) == (
        (await of(arrivals)).received,
        (await of(arrivals)).missing,
        (await of(arrivals)).reused,
    )


# -- What a district is told


async def test_a_district_is_told_what_is_missing(than_uyen, ask):
    await send(than_uyen, numbered(1), numbered(4))
    answer = await ask()

    assert ("registry", "THAN-UYEN", None) == (answer.service, answer.district, answer.error)
    assert [(SOURCE, ((2, 3),))] == [(stream.source, stream.missing) for stream in answer.streams]


async def test_a_district_that_says_how_far_it_has_come_is_told_what_is_missing_at_the_end(than_uyen, ask):
    await send(than_uyen, numbered(1), numbered(2))
    [stream] = (await ask(source=SOURCE, last=4)).streams

    assert (4, 2, ((3, 4),), NOW) == (stream.last, stream.received, stream.missing, stream.stated_at)


async def test_a_district_of_which_nothing_arrived_is_known_by_what_it_says(ask):
    [stream] = (await ask(source=SOURCE, last=2)).streams

    assert (2, 0, ((1, 2),), None) == (stream.last, stream.received, stream.missing, stream.heard_at)


async def test_what_a_district_said_last_counts(ask):
    await ask(source=SOURCE, last=2_000_000_000)
    [stream] = (await ask(source=SOURCE, last=0)).streams

    assert (0, ()) == (stream.last, stream.missing)


async def test_a_district_may_ask_of_one_source(than_uyen, ask):
    await send(than_uyen, numbered(1), numbered(1, source="urn:other"))

    assert ["urn:other"] == [stream.source for stream in (await ask(source="urn:other")).streams]


@pytest.mark.parametrize(
    ("question", "error"),
    [
        ({"body": b"what?"}, "Invalid JSON"),
        ({"last": 3}, "of one source"),
        ({"source": SOURCE, "last": -1}, "last"),
    ],
)
async def test_a_question_that_cannot_be_understood_is_answered_with_what_is_wrong(ask, question, error):
    answer = await ask(**question)

    assert error in answer.error
    assert () == answer.streams


# -- By month


async def test_a_month_holds_what_happened_in_it_in_the_province(than_uyen, arrivals):
    await send(
        than_uyen,
        numbered(1, founding("e-1", "TU-C-001", founded_on="2024-10-31")),
        numbered(2, founding("e-2", "TU-C-002", founded_on="2024-11-01")),
        numbered(4, founding("e-4", "TU-C-004", founded_on="2024-11-30")),
        numbered(5, founding("e-5", "TU-C-004", founded_on="2024-11-30")),
    )

    [month] = await arrivals.months("THAN-UYEN", "2024-11")
    assert (SOURCE, "2024-11", 2, 5, 3, 2, 1, [[3, 3]]) == (
        month.source,
        month.month,
        month.first,
        month.last,
        month.received,
        month.accepted,
        month.rejected,
        month.missing,
    )
    assert [] == await arrivals.months("THAN-UYEN", "2024-12")
