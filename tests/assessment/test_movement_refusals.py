"""What the movement refuses, over HTTP and of districts: each by its rule, and nothing of it is stored."""

import pytest

from contracts.catalogue import CATALOGUE
from services.assessment.application import RegisterCell
from services.assessment.domain.meeting import UnknownMeeting
from services.assessment.domain.movement import UnknownLaunch
from services.assessment.domain.replication import NotAModelThen
from services.assessment.domain.self_assessment import UnknownFramework
from services.assessment.reactions import handlers
from services.chassis.errors import UnknownOrganization
from tests.assessment.bodies import MEETING
from tests.assessment.movement import (
    LAUNCH,
    LAUNCH_BELOW,
    OFFICER,
    REGISTER,
    REPLICATE,
    SIGN,
    launch,
    meeting,
    post,
    registration,
    signature,
)
from tests.edges import bearer
from tests.telling import founded

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("told")]


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        (
            launch("MK-TT", "4-KH", "2024-06-27", ("MUONG-KHUONG", "268-KH/HU", "2024-06-28")),
            "LaunchedBeforeSuperior",
        ),
        (launch("MK-TT", "4-KH", "2024-06-28", ("MUONG-KHUONG", "9-KH", "2024-06-28")), "UnknownLaunch"),
        (launch("MK-KHO-BAC", "4-KH", "2024-06-28"), "NotACommittee"),
        (launch("MUONG-KHUONG", "268-KH/HU", "2024-06-28"), "AlreadyLaunched"),
        (launch("MK-TT", "4-KH", "2025-01-01"), "InTheFuture"),
        (launch("MK-TT", "4-KH", "2000-12-31"), "BeforeFounding"),
        (launch("MK-TT", "4-KH", "2024-06-28") | {"launched_on": "2024-06-27"}, "LaunchedBeforeDocument"),
        (
            launch("MUONG-KHUONG", "4-KH", "2024-06-28", ("MUONG-KHUONG", "268-KH/HU", "2024-06-28")),
            "NotASuperior",
        ),
    ],
)
async def test_a_launch_that_breaks_a_rule_is_a_conflict_that_names_it(api, store, body, refusal):
    await post(api, "/movements", launch("MUONG-KHUONG", "268-KH/HU", "2024-06-28"))

    response = await api.post("/movements", json=body, headers=OFFICER)

    assert (409, refusal) == (response.status_code, response.json()["title"])
    assert 1 == await store.head()


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        (signature(1, "MK-TT", "MUONG-KHUONG"), "AlreadySigned"),
        (signature(1, "MUONG-KHUONG", "MK-NAM-LU"), "DiffersFromAgreed"),
        (signature(2, "MK-TT", "MK-TT"), "SignedAlone"),
        (signature(2, "MK-TT", "NOWHERE"), "UnknownOrganization"),
        (signature(2, "MK-TT", "MUONG-KHUONG", "2025-01-01"), "InTheFuture"),
    ],
)
async def test_a_signature_that_breaks_a_rule_is_a_conflict_that_names_it(api, store, body, refusal):
    await post(api, "/agreements", signature(1, "MK-TT", "MUONG-KHUONG"))

    response = await api.post("/agreements", json=body, headers=OFFICER)

    assert (409, refusal) == (response.status_code, response.json()["title"])
    assert 1 == await store.head()


async def test_nobody_signs_for_another_side(api):
    body = signature(1, "MUONG-KHUONG", "MK-TT")

    assert 403 == (await api.post("/agreements", json=body, headers=bearer("secretary", "MK-TT"))).status_code


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"meeting": "NOT-HELD"}, "UnknownMeeting"),
        ({"meeting": "A-2-2024-11"}, "NotItsMeeting"),
        ({"meeting": "A-1-PLAIN"}, "NoResolution"),
        ({"registered_on": "2024-11-27"}, "RegisteredBeforeMeeting"),
        ({"year": "2026"}, "NotTheYear"),
        ({"framework": {"number": "9-HD", "date": "2024-01-01"}}, "UnknownFramework"),
        ({"organization": "MK-TT"}, "NotACell"),
        ({"year": "2024"}, "AlreadyRegistered"),
    ],
)
async def test_a_registration_that_breaks_a_rule_is_a_conflict_that_names_it(
    api, store, told, changed, refusal
):
    await told(founded("A-1", under="MK-TT"), founded("A-2", under="MK-TT"))
    await post(api, "/meetings", meeting("A-1"))
    await post(api, "/meetings", meeting("A-2"))
    await post(api, "/meetings", meeting("A-1", meeting="A-1-PLAIN", resolution=None))
    await post(api, "/registrations", registration("A-1", year="2024"))

    response = await api.post("/registrations", json=registration("A-1", **changed), headers=OFFICER)

    assert (409, refusal) == (response.status_code, response.json()["title"])
    assert 4 == await store.head()


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({}, "AlreadyReplicated"),
        ({"replication": "R-2", "organization": "A-0"}, "OwnPractice"),
        ({"replication": "R-2", "replicated_on": "2024-07-09"}, "NotAModelThen"),
        ({"replication": "R-2", "model": "A-1", "organization": "A-0"}, "NotAModelThen"),
        ({"replication": "R-2", "organization": "MK-TT"}, "NotACell"),
    ],
)
async def test_a_replication_that_breaks_a_rule_is_a_conflict_that_names_it(api, told, changed, refusal):
    await told(founded("A-0", under="MK-TT"), founded("A-1", under="MK-TT"))
    model = {"organization": "A-0", "selected_by": "MK-TT", "selected_on": "2024-07-10", "role": "MODEL"}
    await post(api, "/model-cells", model)
    body = {"replication": "R-1", "organization": "A-1", "model": "A-0"}
    body |= {"practice": "Gửi nội dung trước", "replicated_on": "2024-09-05"}
    await post(api, "/replications", body)

    response = await api.post("/replications", json=body | changed, headers=OFFICER)

    assert (409, refusal) == (response.status_code, response.json()["title"])


@pytest.mark.parametrize("path", ["/movements", "/agreements", "/registrations", "/replications"])
async def test_what_is_above_or_beside_a_caller_is_not_theirs_to_state(api, path):
    bodies = {
        "/movements": LAUNCH,
        "/agreements": SIGN,
        "/registrations": REGISTER,
        "/replications": REPLICATE,
    }
    stranger = bearer("officer", "TAM-KY")

    assert 403 == (await api.post(path, json=bodies[path], headers=stranger)).status_code


async def test_a_secretary_launches_nothing(api):
    assert 403 == (await api.post("/movements", json=LAUNCH, headers=bearer("secretary"))).status_code


@pytest.mark.parametrize(
    "question",
    [
        "/movements?organization=TU-AGENCIES",
        "/agreements?organization=TU-AGENCIES",
        "/model-cells/share?organization=TU-AGENCIES",
        "/coverage?organization=TU-AGENCIES&year=2024",
        "/replications?model=TU-FINANCE",
    ],
)
async def test_questions_are_answered_within_the_callers_subtree_only(api, question):
    codes = [
        (await api.get(question, headers=bearer(role, subtree))).status_code
        for role, subtree in (("auditor", "THAN-UYEN"), ("auditor", "TAM-KY"), ("operator", "THAN-UYEN"))
    ]

    assert [200, 403, 403] == codes


@pytest.mark.parametrize(
    ("name", "data", "lacking"),
    [
        ("MovementLaunched", LAUNCH_BELOW, UnknownLaunch),
        ("CellRegistered", REGISTER, UnknownMeeting),
        ("ModelReplicated", REPLICATE, NotAModelThen),
        ("EmulationAgreementSigned", SIGN | {"partner": "NEW"}, UnknownOrganization),
    ],
)
async def test_what_rests_on_something_still_on_its_way_says_what_it_lacks(
    assessment, asked, name, data, lacking
):
    event = CATALOGUE[f"assessment.{name}.v1"].model_validate(data)

    with pytest.raises(lacking):
        await handlers(assessment)[name](event, asked)


async def test_a_registration_by_a_framework_still_on_its_way_waits_for_it(assessment, asked):
    await handlers(assessment)["MeetingHeld"](
        CATALOGUE["assessment.MeetingHeld.v1"].model_validate(MEETING), asked
    )

    with pytest.raises(UnknownFramework):
        await assessment.registrations.register(RegisterCell(**REGISTER), asked)
