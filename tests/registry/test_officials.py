"""Who holds what on a day: from the command, over HTTP or from a district, to the answer."""

from datetime import date, timedelta
from functools import reduce

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.registry import OfficialAppointed, OfficialRelieved
from services.chassis.edge.rights import NotYours, Rights
from services.chassis.errors import Refused, UnknownOrganization
from services.chassis.views.officials import Officials as View
from services.registry.api import official, routes
from services.registry.application import (
    AdmitMember,
    AppointOfficial,
    FoundOrganization,
    RelieveOfficial,
    restriction_rules,
)
from services.registry.domain.official import (
    BelongsElsewhere,
    HoldsNoSuchPosition,
    NotAFullMember,
    Officials,
    Position,
    SecretaryInOffice,
    UnknownMember,
)
from services.registry.reactions import check, handlers
from tests.edges import AUTH, bearer, edge_of
from tests.logs import prepared
from tests.registry.people import read, told
from tests.registry.test_application import CELL, DISTRICT, LAN, PROVINCE
from tests.registry.test_domain import CELL as TU_C_001
from tests.registry.test_official import BINH, DECISION, NGOC
from tests.spec import NOW

pytestmark = pytest.mark.anyio

ADMITTED = {"decision": {"number": "5-QĐ/HU", "date": "2010-05-01"}, "ceremony_on": "2010-05-19"}
NGOC_ADMITTED = {"member": "M-0001", "organization": "TU-C-001", "standing": "FULL"} | ADMITTED
BINH_ADMITTED = NGOC_ADMITTED | {"member": "M-0002"}
NEIGHBOUR = CELL | {"organization": "TU-C-002"}
APPOINTMENT = {
    "member": "M-0001",
    "position": "SECRETARY",
    "from_on": "2022-06-15",
    "until_on": "2027-06-14",
    "decision": {"number": "118-QĐ/HU", "date": "2022-06-10"},
}
RELIEF = {"position": "SECRETARY", "relieved_on": "2024-03-01"}
APPOINT = APPOINTMENT | {"organization": "TU-C-001"}
RELIEVE = RELIEF | {"organization": "TU-C-001", "member": "M-0001"}
SUCCESSOR = APPOINT | {"member": "M-0002", "from_on": "2024-03-01", "until_on": None}
SECOND = APPOINTMENT | {"member": "M-0002", "position": "DEPUTY_SECRETARY", "from_on": "2024-03-01"}
OFFICER, AUDITOR = bearer("officer"), bearer("auditor")


@pytest.fixture
async def cell(registry, asked):
    """A cell beneath a district, its neighbour, two full members, and one on probation."""
    for organization in (PROVINCE, DISTRICT, CELL, NEIGHBOUR):
        await registry.organizations.found(FoundOrganization(**organization), asked)
    for member in (NGOC_ADMITTED, BINH_ADMITTED, LAN):
        await registry.members.admit(AdmitMember(**member), asked)


@pytest.fixture
async def view(store):
    return await prepared(View(store.pool))


@pytest.fixture
async def api(registry, view, tree, cell, store):
    rights = Rights(tree, view)
    both = routes(registry, rights, AUTH)
    both.routes.extend(official.questions(view, registry, rights, AUTH).routes)
    await read(store, tree)
    async with edge_of("registry", both) as client:
        yield client


def held(holdings):
    return [(one.position, one.member) for one in holdings]


# -- The log


async def test_a_secretary_is_appointed_and_another_follows(registry, asked, cell, store):
    await registry.officials.appoint(AppointOfficial(**APPOINT), asked)
    await registry.officials.relieve(RelieveOfficial(**RELIEVE), asked)
    receipt = await registry.officials.appoint(AppointOfficial(**SUCCESSOR), asked)

    assert "officials-TU-C-001" == receipt.subject
    assert ["M-0001", "M-0002"] == [
        term.member for term in (await store.find(Officials, "officials-TU-C-001")).terms
    ]


async def test_of_two_appointed_at_once_to_be_the_secretary_one_is_refused(registry, asked, cell):
    outcomes = []

    async def appoint(member):
        try:
            outcomes.append(
                await registry.officials.appoint(AppointOfficial(**APPOINT | {"member": member}), asked)
            )
        except SecretaryInOffice as refusal:
            outcomes.append(refusal)

    async with anyio.create_task_group() as both:
        both.start_soon(appoint, "M-0001")
        both.start_soon(appoint, "M-0002")

    assert ["Receipt", "SecretaryInOffice"] == sorted(type(outcome).__name__ for outcome in outcomes)


async def test_nobody_is_appointed_in_what_is_not_founded(registry, asked, cell):
    with pytest.raises(UnknownOrganization):
        await registry.officials.appoint(AppointOfficial(**APPOINT | {"organization": "TU-C-999"}), asked)
    with pytest.raises(UnknownOrganization):
        await registry.officials.relieve(RelieveOfficial(**RELIEVE | {"organization": "TU-C-999"}), asked)


async def test_nobody_is_appointed_who_was_not_admitted(registry, asked, cell):
    with pytest.raises(UnknownMember, match="M-9999"):
        await registry.officials.appoint(AppointOfficial(**APPOINT | {"member": "M-9999"}), asked)


async def test_nobody_is_appointed_on_probation(registry, asked, cell):
    with pytest.raises(NotAFullMember):
        await registry.officials.appoint(
            AppointOfficial(**APPOINT | {"member": "M-0042", "from_on": "2024-12-01"}), asked
        )


async def test_a_member_of_a_cell_may_be_an_official_of_a_committee_above(registry, asked, cell):
    receipt = await registry.officials.appoint(
        AppointOfficial(**APPOINT | {"organization": "LAI-CHAU"}), asked
    )

    assert "officials-LAI-CHAU" == receipt.subject


async def test_a_member_of_one_cell_is_no_official_of_another(registry, asked, cell):
    with pytest.raises(BelongsElsewhere):
        await registry.officials.appoint(AppointOfficial(**APPOINT | {"organization": "TU-C-002"}), asked)


async def test_where_nobody_was_appointed_nobody_is_relieved(registry, asked, cell):
    with pytest.raises(HoldsNoSuchPosition, match="TU-C-001 has no officials"):
        await registry.officials.relieve(RelieveOfficial(**RELIEVE), asked)


# -- The view


async def test_a_position_is_held_from_the_first_day_to_the_day_before_the_relief(
    registry, asked, cell, store, view
):
    await registry.officials.appoint(AppointOfficial(**APPOINT), asked)
    await registry.officials.relieve(RelieveOfficial(**RELIEVE), asked)
    await registry.officials.appoint(AppointOfficial(**SUCCESSOR), asked)
    await read(store, view)

    assert [] == held(await view.on("TU-C-001", date(2022, 6, 14)))
    assert [("SECRETARY", "M-0001")] == held(await view.on("TU-C-001", date(2022, 6, 15)))
    assert [("SECRETARY", "M-0001")] == held(await view.on("TU-C-001", date(2024, 2, 29)))
    assert [("SECRETARY", "M-0002")] == held(await view.on("TU-C-001", date(2024, 3, 1)))
    assert [("SECRETARY", "M-0002")] == held(await view.on("TU-C-001", date(2030, 1, 1)))


async def test_a_term_lasts_to_the_end_of_its_last_day(registry, asked, cell, store, view):
    await registry.officials.appoint(AppointOfficial(**APPOINT), asked)
    await read(store, view)

    assert [("SECRETARY", "M-0001")] == held(await view.on("TU-C-001", date(2027, 6, 14)))
    assert [] == held(await view.on("TU-C-001", date(2027, 6, 15)))


async def test_a_member_may_hold_several_positions_in_several_places(registry, asked, cell, store, view):
    seat = {"position": "COMMITTEE_MEMBER", "organization": "THAN-UYEN"}
    await registry.officials.appoint(AppointOfficial(**APPOINT), asked)
    await registry.officials.appoint(AppointOfficial(**APPOINT | seat), asked)
    await read(store, view)

    assert [("SECRETARY", "TU-C-001"), ("COMMITTEE_MEMBER", "THAN-UYEN")] == [
        (one.position, one.organization) for one in await view.held_by("M-0001", date(2024, 1, 1))
    ]


async def test_whether_told_at_once_or_one_by_one_or_twice_it_is_the_same(registry, asked, cell, store, view):
    undone = RELIEVE | {"relieved_on": "2022-06-15"}
    for change in (APPOINT, undone, APPOINT, RELIEVE, SUCCESSOR):
        if "from_on" in change:
            await registry.officials.appoint(AppointOfficial(**change), asked)
        else:
            await registry.officials.relieve(RelieveOfficial(**change), asked)
    days = [date(2022, 6, 15), date(2024, 2, 29), date(2024, 3, 1)]

    for delivery in await told(store):
        await view.apply([delivery])
    await read(store, view)
    one_by_one = [await view.on("TU-C-001", day) for day in days]
    terms = await view.rows("SELECT * FROM officials.term ORDER BY from_on, relieved_on")
    async with view.pool.connection() as connection:
        await connection.execute("DROP SCHEMA officials CASCADE")
    await view.prepare()
    await read(store, view)

    assert one_by_one == [await view.on("TU-C-001", day) for day in days]
    assert terms == await view.rows("SELECT * FROM officials.term ORDER BY from_on, relieved_on")
    assert ["M-0001", "M-0001", "M-0002"] == [one.member for [one] in one_by_one]


# -- Any history at all

CHANGES = st.lists(
    st.tuples(
        st.sampled_from([0, 1]),
        st.sampled_from([Position.SECRETARY, Position.DEPUTY_SECRETARY]),
        st.integers(0, 20),
        st.none() | st.integers(0, 20),
        st.booleans(),
    ),
    max_size=12,
)
FIRST = date(2022, 1, 1)


def changed(officials, change):
    """Return the officials after a change, or as they were if a rule refuses it."""
    place, position, day, days, leaves = change
    member = (NGOC, BINH)[place]
    on = FIRST + timedelta(days=day)
    try:
        if leaves:
            officials.relieve(member.code, position, relieved_on=on, decision=None, at=NOW)
        else:
            officials.appoint(
                member,
                position,
                organization=TU_C_001,
                belongs=True,
                from_on=on,
                until_on=None if days is None else on + timedelta(days=days),
                decision=DECISION,
                at=NOW,
            )
    except Refused:
        pass
    return officials


@given(CHANGES)
def test_on_no_day_are_there_two_secretaries_or_two_terms_of_one_person(changes):
    officials = reduce(changed, changes, Officials.begin(TU_C_001, at=NOW))

    days = [FIRST + timedelta(days=day) for day in range(45)]
    held = [[(t.position, t.member) for t in officials.terms if t.covers(day)] for day in days]
    assert held == [list(dict.fromkeys(on)) for on in held]
    assert {0, 1} >= {[position for position, _ in on].count("SECRETARY") for on in held}


# -- Over HTTP


async def test_officials_are_appointed_relieved_and_shown(api, store, tree, view):
    place = "/organizations/TU-C-001/officials"
    first = await api.post(place, json=APPOINTMENT, headers=OFFICER)
    second = await api.post(f"{place}/M-0001/relief", json=RELIEF, headers=OFFICER)
    await read(store, tree, view)

    then = await api.get(place, params={"on": "2024-02-29"}, headers=AUDITOR)
    # Nine are told of the eleven there are: that the list began and that the member knows is nobody else's.
    now = await api.get(place, params={"after": "registry:9"}, headers=bearer("secretary"))

    assert (201, "officials-TU-C-001") == (first.status_code, first.json()["subject"])
    assert (201, 11) == (second.status_code, second.json()["position"])
    assert {
        "organization": "TU-C-001",
        "on": "2024-02-29",
        "officials": [
            {
                "organization": "TU-C-001",
                "member": "M-0001",
                "position": "SECRETARY",
                "from_on": "2022-06-15",
                "until_on": "2027-06-14",
                "decision_number": "118-QĐ/HU",
                "decision_dated": "2022-06-10",
            }
        ],
    } == then.json()
    assert {"organization": "TU-C-001", "on": "2024-12-31", "officials": []} == now.json()


async def test_a_change_of_officials_rests_on_the_list_its_client_has_seen(api, store, tree, view):
    place = "/organizations/TU-C-001/officials"

    async def seen(day="2024-12-31"):
        return (await api.get(place, params={"on": day}, headers=OFFICER)).headers.get("ETag")

    nobody = await seen()
    first = await api.post(place, json=APPOINTMENT, headers=OFFICER | {"If-Match": nobody})
    unread = await seen()
    await read(store, tree, view)
    secretary = await seen()
    relief = f"{place}/M-0001/relief"
    stale = [
        await api.post(place, json=SECOND, headers=OFFICER | {"If-Match": nobody}),
        await api.post(relief, json=RELIEF, headers=OFFICER | {"If-Match": nobody}),
    ]
    relieved = await api.post(relief, json=RELIEF, headers=OFFICER | {"If-Match": secretary})
    too_late = await api.post(place, json=SECOND, headers=OFFICER | {"If-Match": secretary})

    assert ('"0"', 201, None, '"2"') == (nobody, first.status_code, unread, secretary)
    assert [(412, "ChangedSince")] * 3 == [
        (one.status_code, one.json()["title"]) for one in (*stale, too_late)
    ]
    assert (201, None) == (relieved.status_code, await seen())


async def test_of_who_restricts_the_use_of_their_data_the_position_is_shown_and_no_code(
    api, registry, asked, view, store
):
    place = "/organizations/TU-C-001/officials"
    deputy = APPOINTMENT | {"member": "M-0002", "position": "DEPUTY_SECRETARY"}
    for appointment in (APPOINTMENT, deputy):
        await api.post(place, json=appointment, headers=OFFICER)
    await read(store, view)
    member = await registry.members.find("M-0001")
    member.restrict("DR-1", date(2024, 12, 30), rules=restriction_rules(), at=NOW)
    await store.record(member, origin=asked)

    shown = await api.get(place, headers=AUDITOR)

    told = [(one["position"], one["member"]) for one in shown.json()["officials"]]
    assert [("SECRETARY", "[restricted]"), ("DEPUTY_SECRETARY", "M-0002")] == told
    member.lift_restriction(date(2024, 12, 31), at=NOW)
    await store.record(member, origin=asked)
    again = (await api.get(place, headers=AUDITOR)).json()["officials"]
    assert ["M-0001", "M-0002"] == [one["member"] for one in again]


async def test_what_a_member_holds_is_shown_to_who_may_see_the_member(api, store, view):
    await api.post("/organizations/TU-C-001/officials", json=APPOINTMENT, headers=OFFICER)
    await read(store, view)

    shown = await api.get("/members/M-0001/positions", headers=bearer("secretary", "TU-C-001"))
    before = await api.get("/members/M-0001/positions", params={"on": "2022-06-14"}, headers=AUDITOR)
    elsewhere = await api.get("/members/M-0001/positions", headers=bearer("secretary", "TU-C-002"))
    nobody = await api.get("/members/M-9999/positions", headers=OFFICER)

    [position] = shown.json()["positions"]
    assert ("TU-C-001", "SECRETARY") == (position["organization"], position["position"])
    assert {"member": "M-0001", "on": "2022-06-14", "positions": []} == before.json()
    assert (403, 404) == (elsewhere.status_code, nobody.status_code)


async def test_a_refusal_names_its_rule(api):
    place = "/organizations/TU-C-001/officials"
    await api.post(place, json=APPOINTMENT, headers=OFFICER)

    refused = await api.post(place, json=APPOINTMENT | {"member": "M-0002"}, headers=OFFICER)

    assert (409, "SecretaryInOffice") == (refused.status_code, refused.json()["title"])


@pytest.mark.parametrize("broken", [{"position": "KING"}, {"from_on": "soon"}, {"decision": None}, {"by": 1}])
async def test_a_bad_shape_never_reaches_a_rule(api, broken):
    place = "/organizations/TU-C-001/officials"

    assert 422 == (await api.post(place, json=APPOINTMENT | broken, headers=OFFICER)).status_code


@pytest.mark.parametrize("caller", [AUDITOR, bearer("secretary", "TU-C-001"), bearer("officer", "TU-C-002")])
async def test_only_an_officer_above_changes_who_holds_what(api, caller):
    place = "/organizations/TU-C-001/officials"

    assert 403 == (await api.post(place, json=APPOINTMENT, headers=caller)).status_code
    assert 403 == (await api.post(f"{place}/M-0001/relief", json=RELIEF, headers=caller)).status_code


async def test_who_holds_what_elsewhere_is_not_shown(api):
    place = "/organizations/TU-C-001/officials"

    assert 403 == (await api.get(place, headers=bearer("secretary", "TU-C-002"))).status_code
    assert 404 == (await api.get("/organizations/TU-C-999/officials", headers=OFFICER)).status_code


# -- From districts


async def test_what_a_district_tells_becomes_the_same_facts_as_a_command(registry, asked, cell, store):
    hears = handlers(registry)

    await hears["OfficialAppointed"](OfficialAppointed.model_validate(APPOINT), asked)
    receipt = await hears["OfficialRelieved"](OfficialRelieved.model_validate(RELIEVE), asked)

    *_, begun, appointed, relieved = [recorded.fact for recorded in await store.read(0, 100)]
    assert ("officials-TU-C-001", 11) == (receipt.subject, receipt.position)
    assert [Officials.Begun, Officials.Appointed, Officials.Relieved] == [
        type(fact) for fact in (begun, appointed, relieved)
    ]


async def test_a_district_appoints_beneath_itself_only(registry, cell):
    may_speak = check(registry)

    await may_speak("THAN-UYEN", OfficialAppointed.model_validate(APPOINT))
    with pytest.raises(NotYours):
        await may_speak("TU-C-002", OfficialAppointed.model_validate(APPOINT))
    with pytest.raises(NotYours):
        await may_speak("THAN-UYEN", OfficialRelieved.model_validate(RELIEVE | {"organization": "LAI-CHAU"}))
