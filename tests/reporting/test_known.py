"""What was known at an instant: answered as a reporting would that was told of nothing recorded later."""

import asyncio
from collections import defaultdict
from contextlib import asynccontextmanager
from datetime import date, timedelta
from uuid import uuid4

import anyio
import pytest
from fastapi.exceptions import RequestValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import OperationalError
from structlog.testing import capture_logs

from services.chassis.delivery import ViewRebuilding
from services.chassis.edge.after import After
from services.chassis.errors import Overloaded
from services.chassis.sizes import cell_sizes
from services.chassis.views.copy import Copy
from services.chassis.views.filling import Rebuild
from services.reporting import known as module
from services.reporting.known import Known
from services.reporting.lists.members import MembersAsked, list_members
from services.reporting.lists.officials import OfficialsAsked, list_officials
from services.reporting.lists.organizations import OrganizationsAsked, list_organizations
from services.reporting.lists.sizes import out_of_size
from services.reporting.lists.targets import TargetsAsked, list_targets
from services.reporting.lists.transfers import TransfersAsked, list_transfers
from services.reporting.views import Views
from tests.histories import CELLS, histories
from tests.lives import DAYS, FIRST
from tests.logs import prepared
from tests.patience import PATIENCE_S
from tests.reporting.conftest import TODAY
from tests.reporting.story import (
    RECORDED,
    Publisher,
    admitted,
    assessed,
    classified,
    corrected,
    framework,
    selected,
    share,
    target,
)
from tests.reporting.test_histories import TREE
from tests.telling import altered, appointed, lifted, relieved, restricted

NOW = After(())
EVERY = ("tree", "headcount", "completeness", "classes", "structure", "roster", "officials", "obligations")

BESIDE = (
    *(appointed(f"M-{one}", "C-1", "COMMITTEE_MEMBER", f"2024-0{one + 1}-01") for one in range(3)),
    relieved("M-1", "C-1", "COMMITTEE_MEMBER", "2025-01-01"),
    *(target("P-1", year, number) for year, number in (("2024", 3), ("2025", 2), ("2024", 1))),
    share("P-1", "2024", "75"),
    share("P-1", "2024", "50"),
)
"""Of the registry too, told among what becomes of the members."""

ASSESSED = (
    framework("P-1", date(2024, 2, 1)),
    assessed("C-1", "2024-02", date(2024, 3, 9)),
    assessed("C-2", "2024-02", date(2024, 3, 1)),
    corrected("C-1", "2024-02", date(2024, 3, 20), four_good=False),
    selected("C-2", "PILOT", date(2024, 4, 1)),
    assessed("C-2", "2024-05", date(2024, 6, 1)),
)
CLASSIFIED = (
    classified("C-1", "2024", "GOOD", date(2024, 12, 20)),
    classified("C-2", "2024", "COMPLETED", date(2024, 12, 20)),
    classified("C-1", "2024", "EXCELLENT", date(2025, 2, 1)),
)


async def answers(views, day):
    """Return what each query answers, by its name."""
    found = {}
    for structure in ("then", "now"):
        over = {"structure": structure}
        lists = {
            "members": list_members(views.roster, "P-1", day, MembersAsked(**over)),
            "ended": list_members(views.roster, "P-1", day, MembersAsked(standing="ENDED", **over)),
            "transfers": list_transfers(views.roster, "P-1", day, TransfersAsked(state="ALL", **over)),
            "officials": list_officials(views, "P-1", day, OfficialsAsked(state="ALL", **over)),
            "targets": list_targets(views, "P-1", day, TargetsAsked(**over)),
        }
        found |= {(name, structure): (await page).items for name, page in lists.items()}
        found |= {
            ("kinds", structure): await views.structure.counts_by_kind("P-1", day, structure),
            ("models", structure): await views.structure.models("P-1", day, structure),
            ("headcount", structure): await views.headcount.by_child("P-1", day, structure),
            ("counts", structure): await views.headcount.by_organization("P-1", day, structure),
            ("admissions", structure): await views.headcount.admissions("P-1", 2024, structure),
            ("classes", structure): await views.classes.distribution("P-1", 2024, structure),
            ("sizes", structure): await out_of_size(views.headcount, "P-1", day, cell_sizes(), structure),
        }
    asked = OrganizationsAsked(state="ALL")
    return found | {
        "organizations": (await list_organizations(views.tree, "P-1", day, asked)).items,
        "tree": await views.tree.beneath_on("P-1", day),
        "lineage": [await views.tree.lineage(code, day) for code in CELLS],
        "past": [await views.structure.past(code) for code in CELLS],
        "turns": await views.structure.turns("P-1"),
        "growth": await views.headcount.series("P-1", FIRST, day),
        "months": await views.completeness.months("P-1", "2024-01", "2024-12"),
        "by child": await views.completeness.by_child("P-1", "2024-01", "2024-12"),
        "missing": await views.completeness.missing("P-1", "2024-02"),
        "goal": await views.classes.goal("P-1", 2024),
        "own": await views.classes.of("C-1"),
        "in office": await views.officials.on("C-1", day),
    }


async def emptied(pool):
    async with pool.connection() as connection:
        found = await connection.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_|information_schema|public'"
        )
        for row in await found.fetchall():
            await connection.execute(f"DROP SCHEMA {row['nspname']} CASCADE")


@pytest.fixture(autouse=True)
def _nobody_writes_later(monkeypatch):
    """Let no view of a story before write how far it had read while the next story's tables are made."""
    monkeypatch.setattr("services.chassis.views.view.FLUSH_AFTER_S", 3600.0)


@pytest.fixture
async def live(pool, ledger):
    views = Views.over(pool, lambda: TODAY)
    for view in views.all:
        await prepared(view)
    return views


@asynccontextmanager
async def running(live, ledger):
    known = Known(live, ledger, lambda: TODAY)
    await known.prepare()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(known.run)
        try:
            yield known
        finally:
            tasks.cancel_scope.cancel()


@pytest.fixture
async def known(live, ledger):
    async with running(live, ledger) as known:
        yield known


async def asked(known, known_at, *names):
    """Return the members that P-1 was known to have, and the copies that were asked."""
    async with known.read(NOW, known_at, *(names or ("headcount",))) as views:
        return (await views.headcount.on("P-1", date(2024, 12, 31))).total


async def schemas(pool):
    async with pool.connection() as connection:
        found = await connection.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE '%_known_%'")
        return sorted(row["nspname"].partition("_known_")[0] for row in await found.fetchall())


# -- The same answers as of a reporting told only what had been recorded


def as_recorded(publisher, events, order):
    """Return the deliveries, each recorded a second after the one before of its service."""
    streams = defaultdict(list)
    for event in events:
        streams[event.type.partition(".")[0]].append(event)
    told = {source: publisher.tell(*stream) for source, stream in streams.items()}
    found = []
    while told:  # each service in its order, one among another as it comes
        source = sorted(told)[order.draw(st.integers(0, len(told) - 1))]
        found.append(told[source].pop(0))
        if not told[source]:
            del told[source]
    return found


@given(events=histories(), order=st.data())
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
async def test_every_query_answers_as_a_reporting_that_was_told_only_what_had_been_recorded(
    pool, ledger, events, order
):
    await emptied(pool)
    mixed = [*events]
    for one in BESIDE:
        mixed.insert(order.draw(st.integers(0, len(mixed))), one)
    whole = as_recorded(Publisher(), (*TREE, *mixed, *ASSESSED, *CLASSIFIED), order)
    late = order.draw(st.integers(0, len(whole)))
    known_at = RECORDED + timedelta(seconds=order.draw(st.integers(-1, 2 * len(whole))))
    day = FIRST + timedelta(order.draw(st.integers(0, DAYS)))

    # Named anew each time: a view of the story before may still write how far it had read.
    live = Views.over(pool, lambda: TODAY)
    fresh = Views.over(pool, lambda: known_at, f"_fresh_{uuid4().hex[:8]}")
    for view in (ledger, *live.all, *fresh.all):
        await prepared(view)
    recorded = [one for one in whole if one.message.recordedtime <= known_at]
    expected = []
    for told in (whole[:late], whole[late:]):
        news = [altered(one, previous=0) for one in told if one.message.recordedtime <= known_at]
        for view in fresh.all:
            await view.apply(news)
        expected.append(await answers(fresh, day))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "FILLED_WITHIN_S", 60.0)  # what is asked here is the answer, not how soon
        async with running(live, ledger) as known:
            for told, answer in zip((whole[:late], whole[late:]), expected, strict=True):
                await ledger.apply(told)
                async with known.read(NOW, known_at, *EVERY) as views:
                    assert answer == await answers(views, day)
    assert recorded or not expected[-1]["tree"]


# -- What was told late, and of whom nothing may be shown

STORY = (*TREE, *(admitted(f"M-{one}", "C-1", date(2024, 1, one)) for one in (1, 2, 3)))
"""M-1, M-2 and M-3 are recorded 16, 18 and 20 seconds after RECORDED."""

TWO = RECORDED + timedelta(seconds=18)


async def test_what_was_recorded_in_time_and_arrives_late_is_counted_from_then_on(known, ledger):
    told = Publisher().tell(*STORY)
    await ledger.apply(told[:-2])
    before = await asked(known, TWO)
    await ledger.apply(told[-2:])

    assert [1, 2] == [before, await asked(known, TWO)]


async def test_a_question_waits_until_the_ledger_holds_what_it_names(known, ledger):
    told = Publisher().tell(*STORY)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(ledger.apply, told)
        async with known.read(After([("registry", 20)]), TWO, "headcount") as views:
            assert 2 == (await views.headcount.on("C-1", date(2024, 12, 31))).total


async def test_who_restricts_the_use_of_their_data_today_is_on_no_list_of_before(known, ledger):
    publisher = Publisher()
    told = publisher.tell(*STORY, appointed("M-1", "C-1", "SECRETARY", "2024-02-01"))
    known_at = told[-1].message.recordedtime
    told += publisher.tell(restricted("M-1", "C-1", "2024-03-01"), restricted("M-2", "C-1", "2024-03-01"))
    told += publisher.tell(lifted("M-2", "C-1", "2024-04-01"))
    await ledger.apply(told)
    await known.live.roster.apply(told)

    async with known.read(NOW, known_at, "tree", "roster", "officials") as views:
        listed = await list_members(views.roster, "P-1", date(2024, 12, 31), MembersAsked())
        officials = await list_officials(views, "P-1", date(2024, 12, 31), OfficialsAsked())

    assert ["M-2", "M-3"] == [one.member for one in listed.items]
    assert [] == officials.items


async def test_a_restriction_lifted_since_hides_nobody_of_when_it_was_known(known, ledger):
    told = Publisher().tell(
        *STORY, restricted("M-1", "C-1", "2024-03-01"), lifted("M-1", "C-1", "2024-04-01")
    )
    await ledger.apply(told)
    await known.live.roster.apply(told)

    async with known.read(NOW, told[-2].message.recordedtime, "roster") as views:
        listed = await list_members(views.roster, "P-1", date(2024, 12, 31), MembersAsked())
    assert ["M-1", "M-2", "M-3"] == [one.member for one in listed.items]


async def test_what_was_missing_is_told_by_the_deadlines_that_had_passed(known, ledger):
    founding = Publisher().tell(*TREE, framework("P-1", date(2024, 2, 1)))
    await ledger.apply(founding)

    async def missing(known_at):
        async with known.read(NOW, known_at, "completeness") as views:
            return await views.completeness.missing("P-1", "2024-02")

    assert [] == await missing(TODAY.replace(month=3, day=5))
    assert list(CELLS) == await missing(TODAY.replace(month=3, day=6))


async def test_nothing_is_known_of_an_instant_that_has_not_come(known):
    with pytest.raises(RequestValidationError):
        await asked(known, TODAY + timedelta(seconds=1))


async def test_an_empty_ledger_knew_nothing(known):
    assert 0 == await asked(known, TODAY)


async def test_what_the_live_view_parked_the_copy_passes_over(known, ledger):
    told = Publisher().tell(*STORY)
    told[-3] = altered(told[-3], data={"organization": "C-1", "member": "M-1"})
    await ledger.apply(told)
    await known.live.headcount.apply(told[:-3])
    await known.live.headcount.skip(told[-3], ValueError("no ceremony"))

    assert 2 == await asked(known, TODAY)


# -- How copies are filled, kept and lost


def fills(logs):
    return [tuple(one["views"]) for one in logs if one["event"] == "past filled"]


async def test_two_questions_at_once_about_one_instant_fill_its_copies_once(known, ledger):
    await ledger.apply(Publisher().tell(*STORY))
    with capture_logs() as logs:
        found = await asyncio.gather(*(asked(known, TWO, "headcount", "structure") for _ in range(5)))

    assert [2] * 5 == found
    assert [("headcount", "structure")] == fills(logs)


async def test_the_next_question_fills_nothing_and_another_view_only_itself(known, ledger):
    await ledger.apply(Publisher().tell(*STORY))
    with capture_logs() as logs:
        await asked(known, TWO)
        await asked(known, TWO)
        await ledger.apply([])
        await asked(known, TWO, "headcount", "roster")

    assert [("headcount",), ("roster",)] == fills(logs)


async def test_a_question_whose_copy_is_being_filled_is_told_how_far_it_is(known, ledger, monkeypatch):
    await ledger.apply(Publisher().tell(*STORY))
    monkeypatch.setattr(module, "FILLED_WITHIN_S", 0.0)
    async with known._turn:
        with pytest.raises(ViewRebuilding, match="waits until another instant was read"):
            await asked(known, TWO)
        known._pasts[TWO].standing = Rebuild("headcount", "RUNNING", done=3, total=10)
        with pytest.raises(ViewRebuilding, match="is being read: headcount, 3 of 10 events"):
            await asked(known, TWO)
    with anyio.fail_after(PATIENCE_S):
        await known._pasts[TWO].filling

    assert 2 == await asked(known, TWO)


async def test_the_instant_asked_longest_ago_is_forgotten_and_its_copies_dropped(
    known, ledger, pool, monkeypatch
):
    monkeypatch.setattr(module, "PASTS_MAX", 2)
    await ledger.apply(Publisher().tell(*STORY))
    await asked(known, TWO, "headcount", "structure")
    await asked(known, TODAY)
    await asked(known, TWO)
    with capture_logs() as logs:
        counts = [await asked(known, at) for at in (RECORDED, TWO, TODAY)]

    assert ([0, 2, 3], [("headcount",)] * 2) == (counts, fills(logs))
    assert ["headcount", "headcount", "structure"] == await schemas(pool)
    assert 2 == known.bound.used()


async def test_while_all_that_are_kept_are_asked_about_another_instant_is_turned_away(known, monkeypatch):
    monkeypatch.setattr(module, "PASTS_MAX", 1)
    async with known.read(NOW, TODAY, "headcount"):
        with pytest.raises(Overloaded):
            await asked(known, TWO)

    assert 0 == await asked(known, TWO)


async def test_a_process_that_starts_drops_what_the_one_before_left_half_filled(live, ledger, pool):
    await ledger.apply(Publisher().tell(*STORY))
    async with running(live, ledger) as killed:
        await Copy(live.headcount, "headcount_known_x_1").begin()
        await asked(killed, TWO)
    assert ["headcount", "headcount"] == await schemas(pool)

    async with running(live, ledger) as known:
        assert [] == await schemas(pool)
        assert 2 == await asked(known, TWO)


async def test_copies_that_another_process_dropped_are_filled_anew_for_who_asks_next(known, live, ledger):
    await ledger.apply(Publisher().tell(*STORY))
    await asked(known, TWO)
    await Known(live, ledger, lambda: TODAY).prepare()
    with pytest.raises(ViewRebuilding):
        await asked(known, TWO)

    assert 2 == await asked(known, TWO)


async def test_copies_that_a_crash_of_the_database_emptied_answer_nothing_until_filled_anew(
    known, ledger, pool
):
    await ledger.apply(Publisher().tell(*STORY))
    await asked(known, TWO)
    async with pool.connection() as connection:
        [schema] = [one.views.headcount.schema for one in known._pasts.values()]
        tables = await connection.execute(
            "SELECT relname, relpersistence FROM pg_class"
            " WHERE relkind = 'r' AND relnamespace = %s::regnamespace",
            (schema,),
        )
        kept = {row["relname"]: row["relpersistence"] for row in await tables.fetchall()}
        await connection.execute(f"TRUNCATE {', '.join(f'{schema}.{table}' for table in kept)}")
    with pytest.raises(ViewRebuilding):
        await asked(known, TWO)

    assert {"u"} == set(kept.values())
    assert 2 == await asked(known, TWO)


async def test_a_fill_that_fails_tells_who_waits_and_is_tried_again(known, ledger, monkeypatch):
    await ledger.apply(Publisher().tell(*STORY))
    with monkeypatch.context() as patched:
        patched.setattr(module.Filled, "_end", failing)
        with pytest.raises(OperationalError):
            await asked(known, TWO)

    assert 2 == await asked(known, TWO)


async def failing(self):
    raise OperationalError("the database is away")
