"""Months beside what districts signed: complete, missing something, or different; and what came after."""

from hashlib import sha256

import pytest

from contracts.registry_closings import PeriodClosed, canonical, digest_of
from tests.chassis.districts import SOURCE, founding
from tests.telling import Telling


@pytest.fixture
def months(intake):
    """Return what has arrived at the registry and what of it was closed."""
    return intake.arrivals


@pytest.fixture
def close(months):
    """Return what closes a month of the registry's stream from `first` on by these events, or by a digest."""
    tell = Telling()

    async def close(period, *events, first=1, last=None, digest=None, service="registry", source=SOURCE):
        last = first + len(events) - 1 if last is None else last
        signed = digest_of(
            (event["number"], event["id"], sha256(canonical(event)).hexdigest()) for event in events
        )
        cut = {"service": service, "first": first, "last": last, "count": last - first + 1}
        manifest = {
            "organization": "THAN-UYEN",
            "source": source,
            "period": period,
            "closed_at": "2024-12-02T08:00:00+07:00",
            "streams": [cut | {"digest": digest or signed}],
            "key": 1,
            "signature": "0" * 64,
        }
        await months.closings.apply([tell(PeriodClosed.model_validate(manifest))])

    return close


def event(number, founded_on="2024-11-05", organization=None, **given):
    code = organization or f"TU-C-{number:03}"
    return founding(f"e-{number}", code, founded_on=founded_on, **given) | {"number": number}


async def send(district, *events):
    """Publish events, and return once all of them are answered."""
    before = len(district.heard)
    for one in events:
        await district.publish("OrganizationFounded", one)
    await district.answers(before + len(events))


async def of(months):
    """Return the one stream of the district and its months, the newest first."""
    [stream] = await months.streams("THAN-UYEN")
    return stream, [(month.period, month.state) for month in stream.months]


async def test_a_month_is_open_until_it_is_closed(than_uyen, months):
    await send(than_uyen, event(1), event(2, "2024-12-01"))

    stream, states = await of(months)
    assert [("2024-12", "open"), ("2024-11", "open")] == states
    assert (1, None, None) == (stream.months[0].received, stream.months[0].restated, stream.months[0].last)


async def test_what_has_arrived_as_it_was_signed_is_complete(than_uyen, months, close):
    events = event(1), event(2), event(3, organization="TU-C-001")
    await send(than_uyen, *events)
    await close("2024-11", *events)

    stream, states = await of(months)
    assert [("2024-11", "complete")] == states
    assert (3, 3, 0, 0) == (stream.received, *_figures(stream.months[0]))


async def test_what_was_lost_at_the_end_is_missing_until_it_comes(than_uyen, months, close):
    events = event(1), event(2), event(3)
    await send(than_uyen, *events[:2])
    await close("2024-11", *events)

    stream, states = await of(months)
    assert ([("2024-11", "missing")], ((3, 3),), 1) == (states, stream.missing, stream.months[0].missing)
    await send(than_uyen, events[2])
    assert [("2024-11", "complete")] == (await of(months))[1]


async def test_of_a_stream_that_was_lost_as_a_whole_everything_is_missing(months, close):
    await close("2024-11", event(1), event(2))

    stream, states = await of(months)
    assert ([("2024-11", "missing")], ((1, 2),), 0) == (states, stream.missing, stream.received)
    assert ["THAN-UYEN"] == await months.districts()
    assert ["THAN-UYEN"] == [one.district for one in await months.missing()]


async def test_what_arrived_otherwise_than_it_was_signed_is_different(than_uyen, months, close):
    await send(than_uyen, event(1))
    await close("2024-11", event(1, name="Chi bộ khác"))

    assert [("2024-11", "different")] == (await of(months))[1]


async def test_a_second_event_under_a_closed_number_makes_a_complete_month_different(
    than_uyen, months, close
):
    await send(than_uyen, event(1))
    await close("2024-11", event(1))
    assert [("2024-11", "complete")] == (await of(months))[1]
    await send(than_uyen, event(1) | {"id": "another"})

    assert [("2024-11", "different")] == (await of(months))[1]


async def test_what_comes_later_and_happened_in_a_closed_month_restates_it(than_uyen, months, close):
    late, refused, new = event(2), event(3, organization="TU-C-001"), event(4, "2024-12-02")
    await send(than_uyen, event(1))
    await close("2024-11", event(1))
    await send(than_uyen, late, refused, new)

    stream, states = await of(months)
    assert [("2024-12", "open"), ("2024-11", "complete")] == states
    assert 1 == stream.months[1].restated


async def test_a_cut_covers_what_happened_in_other_months_too(than_uyen, months, close):
    october, early = event(1, "2024-10-30"), event(2, "2024-12-01")
    await send(than_uyen, october, early)
    await close("2024-11", october, early)

    stream, states = await of(months)
    assert [("2024-12", "open"), ("2024-11", "complete")] == states
    assert (0, 0) == (stream.months[1].received, stream.months[1].restated)


async def test_each_month_goes_on_where_the_one_before_ended(than_uyen, months, close):
    first, second = event(1), event(2, "2024-12-01")
    await send(than_uyen, first, second)
    await close("2024-11", first)
    await close("2024-12", second, first=2)

    assert [("2024-12", "complete"), ("2024-11", "complete")] == (await of(months))[1]


async def test_a_month_in_which_nothing_was_numbered_is_complete(months, close):
    await close("2024-11")

    stream, states = await of(months)
    assert ([("2024-11", "complete")], ()) == (states, stream.missing)


async def test_what_was_closed_of_another_owner_is_not_compared_here(than_uyen, months, close):
    await send(than_uyen, event(1))
    await close("2024-11", event(1), event(2), service="assessment")

    stream, states = await of(months)
    assert ([("2024-11", "open")], 1) == (states, stream.last)


async def test_each_source_has_its_own_months(than_uyen, months, close):
    await send(than_uyen, event(1))
    await close("2024-11", source="urn:other")

    assert {SOURCE: ["open"], "urn:other": ["complete"]} == {
        stream.source: [month.state for month in stream.months]
        for stream in await months.streams("THAN-UYEN")
    }


async def test_an_answer_holds_the_newest_months(than_uyen, months, close, monkeypatch):
    monkeypatch.setattr("services.chassis.districts.months.MONTHS_MAX", 1)
    await close("2024-10")
    await close("2024-11")

    assert [("2024-11", "complete")] == (await of(months))[1]


def _figures(month):
    return month.received, month.restated, month.missing
