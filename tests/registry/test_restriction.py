"""A person has the use of their data restricted: what is recorded, shown and told until that is lifted."""

import json
from datetime import date

import pytest

from services.registry import application
from services.registry.application import restriction_rules
from services.registry.application.member import RESTRICTION
from services.registry.application.membership import OfMember
from services.registry.domain.member import Member, NotRestricted, Recorded, UseRestricted
from services.registry.domain.words import DateInFuture
from services.registry.importing.columns import MEMBERS, Line, Table
from services.registry.importing.held import held
from services.registry.publication import publish
from tests.registry.files import LAN as ROW
from tests.registry.people import AUDITOR, DR, OFFICER, PERSON, SECRETARY, get, post
from tests.registry.test_memberships import admitted
from tests.spec import fact, spec

RESTRICT = DR | {"request": "DR-R", "kind": "RESTRICTION"}
DECISION = {"number": "7-QĐ/ĐU", "date": "2024-12-28"}
HERE = {"organization": "TU-C-001", "decision": DECISION}
LIFT = f"{PERSON}/restriction/lifting"

given = spec(Member)
DEC_29, DEC_30, DEC_31 = (date(2024, 12, day) for day in (29, 30, 31))
NEXT_YEAR = date(2025, 1, 1)
RULES = restriction_rules()
restricted = fact(
    Member.Restricted,
    organization="TU-C-001",
    restricted_on="2024-12-30",
    request="DR-R",
    rules="restriction 1",
)
lifted = fact(Member.RestrictionLifted, organization="TU-C-001", lifted_on="2024-12-31")


@pytest.fixture
def api(api, lan):
    return api


async def restrict(api):
    assert 204 == (await post(api, f"{PERSON}/requests", RESTRICT)).status_code
    done = {"completed_on": "2024-12-30"}
    assert 204 == (await post(api, "/data-requests/DR-R/completion", done)).status_code


# -- The rules


def test_a_restriction_stands_until_it_is_lifted():
    given(admitted).when(Member.restrict, "DR-R", DEC_30, rules=RULES).then(restricted)
    given(admitted, restricted).when(Member.lift_restriction, DEC_31).then(lifted)


def test_a_second_restriction_changes_nothing():
    given(admitted, restricted).when(Member.restrict, "DR-2", DEC_31, rules=RULES).then()


def test_what_does_not_stand_is_not_lifted():
    given(admitted).when(Member.lift_restriction, DEC_31).refused(NotRestricted)
    given(admitted, restricted, lifted).when(Member.lift_restriction, DEC_31).refused(NotRestricted)


def test_nothing_is_lifted_before_it_stood_nor_in_the_future():
    given(admitted, restricted).when(Member.lift_restriction, DEC_29).refused(NotRestricted)
    given(admitted, restricted).when(Member.lift_restriction, NEXT_YEAR).refused(DateInFuture)


def test_while_it_stands_the_pack_says_what_is_recorded():
    member = given(admitted, restricted).aggregate()

    RULES.judge(member, "EndMembership")
    RULES.judge(member, "CorrectPerson", on_request=True)
    with pytest.raises(UseRestricted, match="M-0042 since 2024-12-30: CorrectPerson"):
        RULES.judge(member, "CorrectPerson")
    with pytest.raises(UseRestricted):
        RULES.judge(member, "AppointOfficial", on_request=True)
    RULES.judge(given(admitted, restricted, lifted).aggregate(), "AppointOfficial")


def test_the_pack_speaks_of_every_command_about_a_member():
    about = {kind.__name__ for kind in OfMember.__subclasses__()} | {"AppointOfficial", "CorrectPerson"}

    assert about == set(RULES.commands)
    assert all(hasattr(application, name) for name in about)
    stated = json.loads(RESTRICTION.read_text(encoding="utf-8"))
    assert {"LEGAL_REVIEW_REQUIRED"} == {stated["legal_tag"]}
    assert set(stated["commands"].values()) <= set(Recorded)


def test_others_are_told_the_code_and_the_day():
    told = [publish(stated.stamped("member-M-0042", 2, Member)) for stated in (restricted, lifted)]

    assert {"organization", "member", "restricted_on"} == set(told[0].model_dump())
    assert {"organization", "member", "lifted_on"} == set(told[1].model_dump())
    assert ["M-0042", "M-0042"] == [event.member for event in told]


# -- What is shown and recorded


async def test_a_request_that_is_done_restricts_and_an_officer_lifts_it(api):
    await restrict(api)
    assert "2024-12-30" == (await get(api, "/members/M-0042"))["restricted_on"]

    assert 201 == (await post(api, LIFT, {"lifted_on": "2024-12-31"})).status_code

    shown = await get(api, "/members/M-0042")
    assert (None, "Nguyễn Thị Lan") == (shown["restricted_on"], shown["person"]["name"])


@pytest.mark.parametrize("purpose", ["MEMBER_FILE", "CONTACT", "SUPERVISION"])
async def test_who_it_is_is_shown_for_no_purpose_of_others(api, purpose):
    await restrict(api)

    shown = await get(api, "/members/M-0042", purpose=purpose)

    person = shown["person"]
    assert ("[restricted]", True, None, None) == (
        person["name"],
        person["restricted"],
        person["phone"],
        person["born_on"],
    )
    assert "TU-C-001" == shown["organization"]
    refused = await api.get(f"{PERSON}/export", headers=OFFICER, params={"purpose": purpose})
    assert (409, "UseRestricted") == (refused.status_code, refused.json()["title"])


async def test_an_officer_sees_them_to_answer_their_own_request(api):
    await restrict(api)

    shown = await get(api, "/members/M-0042", purpose="DATA_REQUEST")
    export = await get(api, f"{PERSON}/export")

    assert ("Nguyễn Thị Lan", "Nguyễn Thị Lan") == (shown["person"]["name"], export["name"])
    for_request = {"purpose": "DATA_REQUEST"}
    assert 403 == (await api.get("/members/M-0042", headers=SECRETARY, params=for_request)).status_code


async def test_an_auditor_sees_that_it_stands(api):
    await restrict(api)

    shown = await get(api, "/members/M-0042", AUDITOR)

    assert ("2024-12-30", None) == (shown["restricted_on"], shown["person"])


async def test_a_correction_is_made_only_when_the_person_asks(api):
    await restrict(api)

    refused = await post(api, f"{PERSON}/correction", {"phone": None})
    done = await post(api, f"{PERSON}/correction", {"phone": None}, purpose="DATA_REQUEST")

    assert (409, "UseRestricted", 204) == (refused.status_code, refused.json()["title"], done.status_code)


async def test_nobody_restricted_is_appointed(api):
    await restrict(api)

    body = {"member": "M-0042", "position": "SECRETARY", "from_on": "2024-12-30", "decision": DECISION}
    refused = await post(api, "/organizations/TU-C-001/officials", body)

    assert (409, "UseRestricted") == (refused.status_code, refused.json()["title"])


async def test_an_exemption_is_recorded_without_its_ground(api):
    await restrict(api)

    body = HERE | {"exempted_on": "2024-12-30", "ground": "MATERNITY"}
    assert 201 == (await post(api, "/members/M-0042/exemption", body)).status_code

    facts = (await get(api, f"{PERSON}/export"))["facts"]
    assert [None] == [one["says"]["ground"] for one in facts if "ground" in one["says"]]


async def test_a_membership_ends_all_the_same(api):
    await restrict(api)

    body = HERE | {"ended_on": "2024-12-30", "reason": "LEFT"}
    assert 201 == (await post(api, "/members/M-0042/end", body)).status_code


async def test_who_is_restricted_can_be_erased(api):
    await restrict(api)

    assert 204 == (await api.delete(PERSON, headers=OFFICER)).status_code
    assert "[erased]" == (await get(api, "/members/M-0042"))["person"]["name"]


async def test_only_officers_lift(api):
    await restrict(api)

    assert 403 == (await post(api, LIFT, {"lifted_on": "2024-12-31"}, SECRETARY)).status_code


async def test_an_import_opens_nobody_who_is_restricted(api, store, persons):
    table = Table(MEMBERS, [Line(MEMBERS, 2, ("M-9", *ROW[1:]))], 1)
    found = await held(table, store, persons, lambda *_: None)
    assert ["M-0042"] == [one.code for many in found.alike.values() for one in many]

    await restrict(api)

    assert {} == (await held(table, store, persons, lambda *_: None)).alike
    assert {"member-M-0042"} == await persons.named.restricted()
    await post(api, LIFT, {"lifted_on": "2024-12-31"})
    assert set() == await persons.named.restricted()
