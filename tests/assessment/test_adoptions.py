"""Frameworks that say more than the first version can, adopted and answered: over HTTP, from districts."""

from itertools import permutations
from typing import Any

import pytest

from contracts.assessment import SelfAssessmentSubmitted
from contracts.assessment_frameworks import CriteriaFrameworkAdopted, CriteriaFrameworkIssuedV2
from services.assessment.publication import publish
from services.assessment.reactions import handlers
from services.chassis.errors import NotYetKnown
from tests.assessment.bodies import FRAMEWORK, ISSUE, NOVEMBER
from tests.edges import bearer
from tests.telling import Telling

pytestmark = pytest.mark.anyio

OFFICER = bearer("officer", "THAN-UYEN")
SECRETARY = bearer("secretary", "TU-FINANCE")
ADOPT = {"organization": "TU-FINANCE", "framework": FRAMEWORK, "adopted_on": "2024-06-03"}
[GOOD] = ISSUE["goods"]
[ATTENDANCE] = GOOD["criteria"]


def yes_or_no(code: str, **changed: Any) -> dict[str, Any]:
    plain = {name: ATTENDANCE[name] for name in ("name_vi", "name_en", "period", "source", "legal_tag")}
    return plain | {"criterion": code, "kind": "ACHIEVED"} | changed


OWN = {
    "good": "POLITICAL_TASKS",
    "name_vi": "Nhiệm vụ",
    "name_en": "Tasks",
    "criteria": [yes_or_no("pupils_helped", mandatory=False)],
}
BINDING = ISSUE | {"requires_adoption": True}
NAMED = "number=05-HD/BTCTU&date=2024-05-19"


@pytest.fixture
def read(store, views):
    """Return what lets the view read all that was stored since."""
    telling, known = Telling(), [0]

    async def read():
        recorded = await store.read(known[0], 1_000)
        known[0] += len(recorded)
        await views.frameworks.apply(telling.all(*[publish(one.fact) for one in recorded]))

    return read


@pytest.fixture
def sent(api):
    async def sent(path: str, body: dict[str, Any], by: Any = OFFICER) -> tuple[int, str]:
        response = await api.post(path, json=body, headers=by)
        return response.status_code, response.json().get("title", "")

    return sent


@pytest.fixture
def shown(api, read):
    async def shown(path: str, by: Any = OFFICER) -> Any:
        await read()
        response = await api.get(path, headers=by)
        return response.json() if response.status_code == 200 else response.json()["title"]

    return shown


async def test_a_cell_answers_a_framework_that_binds_who_adopts_it_only_after_adopting_it(sent, shown):
    assert (201, "") == await sent("/frameworks", BINDING)
    assert (409, "NotAdopted") == await sent("/self-assessments", NOVEMBER, SECRETARY)
    assert (await shown("/self-assessments/TU-FINANCE/2024-11/draft"))["to_adopt"]

    assert (201, "") == await sent("/adoptions", ADOPT, SECRETARY)

    assert not (await shown("/self-assessments/TU-FINANCE/2024-11/draft"))["to_adopt"]
    assert (201, "") == await sent("/self-assessments", NOVEMBER, SECRETARY)


async def test_of_two_frameworks_of_one_number_and_date_the_nearer_counts_as_soon_as_it_is_issued(sent):
    await sent("/frameworks", ISSUE)
    assert (201, "") == await sent("/self-assessments", NOVEMBER | {"period": "2024-10"}, SECRETARY)

    assert (201, "") == await sent("/frameworks", BINDING | {"organization": "TU-AGENCIES"})

    assert (409, "NotAdopted") == await sent("/self-assessments", NOVEMBER, SECRETARY)
    assert (201, "") == await sent("/adoptions", ADOPT, SECRETARY)
    assert (201, "") == await sent("/self-assessments", NOVEMBER, SECRETARY)


async def test_an_adoption_after_the_form_was_signed_does_not_help(sent):
    await sent("/frameworks", BINDING)
    await sent("/adoptions", ADOPT | {"adopted_on": "2024-12-03"}, SECRETARY)

    assert (409, "NotAdopted") == await sent("/self-assessments", NOVEMBER, SECRETARY)
    signed = NOVEMBER | {"submitted_on": "2024-12-03"}
    assert (201, "") == await sent("/self-assessments", signed, SECRETARY)


async def test_what_the_committee_and_the_cell_added_is_asked_and_kept_with_the_answers(sent, shown):
    await sent("/frameworks", ISSUE)
    by_committee = {"organization": "TU-AGENCIES", "framework": FRAMEWORK, "adopted_on": "2024-05-27"}
    studied = GOOD | {"criteria": [yes_or_no("papers_sent_ahead")]}
    assert (201, "") == await sent("/adoptions", by_committee | {"goods": [studied]})
    assert (201, "") == await sent("/adoptions", ADOPT | {"goods": [OWN]}, SECRETARY)

    asked = (await shown("/self-assessments/TU-FINANCE/2024-11/draft"))["results"]
    assert ["attendance_pct", "papers_sent_ahead", "pupils_helped"] == [one["criterion"] for one in asked]
    assert [True, True, False] == [one["mandatory"] for one in asked]

    assert (409, "NotEvaluated") == await sent("/self-assessments", NOVEMBER, SECRETARY)
    yes = [{"criterion": code, "achieved": True} for code in ("papers_sent_ahead", "pupils_helped")]
    assert (201, "") == await sent(
        "/self-assessments", NOVEMBER | {"results": [*NOVEMBER["results"], *yes]}, SECRETARY
    )
    stands = (await shown("/self-assessments/TU-FINANCE/2024-11"))["stands"]
    assert ["MEETING_QUALITY", "POLITICAL_TASKS"] == [good["good"] for good in stands["goods"]]
    assert [("TU-AGENCIES", "2024-05-27"), ("TU-FINANCE", "2024-06-03")] == [
        (one["organization"], one["adopted_on"]) for one in stands["adopted"]
    ]


@pytest.mark.parametrize(
    ("changed", "title"),
    [
        ({"framework": {"number": "05-HD/BTCTU", "date": "2018-05-19"}}, "UnknownFramework"),
        ({"organization": "THAN-UYEN"}, "OwnFramework"),
        ({"organization": "NOWHERE"}, "UnknownOrganization"),
        ({"dropped": ["attendance_pct"]}, "MandatoryDropped"),
        ({"dropped": ["singing"]}, "UnknownCriterion"),
        ({"adopted_on": "2025-01-01"}, "InTheFuture"),
        ({"adopted_on": "2024-05-18"}, "AdoptedBeforeIssued"),
        ({"goods": [GOOD]}, "AskedTwice"),
    ],
)
async def test_what_refuses_an_adoption_is_a_conflict(sent, changed, title):
    await sent("/frameworks", ISSUE)

    assert (409, title) == await sent("/adoptions", ADOPT | changed, bearer("officer"))


async def test_a_framework_is_adopted_once_on_one_day(sent):
    await sent("/frameworks", ISSUE)
    await sent("/adoptions", ADOPT, SECRETARY)

    assert (409, "AlreadyAdopted") == await sent("/adoptions", ADOPT, SECRETARY)
    assert (201, "") == await sent("/adoptions", ADOPT | {"adopted_on": "2024-07-01"}, SECRETARY)


async def test_a_neighbour_adopts_nothing_for_a_cell(sent):
    await sent("/frameworks", ISSUE)

    assert (403, "Forbidden") == await sent("/adoptions", ADOPT, bearer("secretary", "TU-SCHOOL"))


async def test_a_framework_for_schools_is_not_in_force_for_other_cells(sent, shown):
    await sent("/frameworks", ISSUE | {"kinds": ["SCHOOL"]})

    assert (409, "NotForItsKind") == await sent("/self-assessments", NOVEMBER, SECRETARY)
    assert [] == await shown("/frameworks?organization=TU-FINANCE")
    assert 1 == len(await shown("/frameworks?organization=TU-AGENCIES"))


async def test_an_amended_framework_ends_when_the_new_one_applies_and_still_judges_old_months(sent, shown):
    await sent("/frameworks", ISSUE)
    newer = ISSUE | {
        "framework": {"number": "7-HD/HU", "date": "2024-11-04"},
        "effective_on": "2024-12-01",
        "period": "QUARTER",
    }
    assert (409, "UnknownFramework") == await sent(
        "/frameworks", newer | {"amends": {"number": "6-HD/HU", "date": "2024-05-19"}}
    )
    assert (409, "AmendsLater") == await sent(
        "/frameworks", newer | {"amends": FRAMEWORK, "framework": {"number": "1", "date": "2024-05-18"}}
    )

    assert (201, "") == await sent("/frameworks", newer | {"amends": FRAMEWORK})

    november, december = [
        await shown(f"/frameworks?organization=TU-FINANCE&on={day}") for day in ("2024-11-30", "2024-12-01")
    ]
    assert ["05-HD/BTCTU"] == [one["framework"]["number"] for one in november]
    assert [("7-HD/HU", FRAMEWORK)] == [(one["framework"]["number"], one["amends"]) for one in december]
    assert (201, "") == await sent("/self-assessments", NOVEMBER, SECRETARY)


# -- What cannot be asked


@pytest.mark.parametrize(
    ("changed", "title", "saying"),
    [
        ({"measured_by": "MOOD"}, "MeasuredByNothing", "goods[0].criteria[0] attendance_pct"),
        ({"test": None}, "Untestable", "(12-HD/BTCTW, 2018-07-06)"),
        ({"kind": "SCORED", "points_max": "90"}, "WeightsDoNotAddUp", "add up to 90, not to 100"),
        ({"kind": "SCORED", "points_max": "100"}, "BandsWithHoles", "points and bands go together"),
        ({"points_max": "100"}, "WeightsDoNotAddUp", "points without a score"),
    ],
)
async def test_bad_criteria_are_refused_with_the_row_the_rule_and_the_source(api, changed, title, saying):
    body = ISSUE | {"goods": [GOOD | {"criteria": [ATTENDANCE | changed]}]}

    answer = (await api.post("/frameworks", json=body, headers=OFFICER)).json()

    assert (409, title) == (answer["status"], answer["title"])
    assert saying in answer["detail"]
    assert answer["rule"]


async def test_a_pack_is_checked_before_it_is_issued_and_nothing_is_stored(api, store):
    pack = {"name": "ours", "version": "1", "title": "x", "note": "draft", "based_on": [], "goods": [GOOD]}
    bad = pack | {"goods": [GOOD | {"criteria": [ATTENDANCE, ATTENDANCE | {"measured_by": "MOOD"}]}]}

    assert {"pack": "ours-1"} == (await api.post("/packs/check", json=pack, headers=OFFICER)).json()
    wrong = (await api.post("/packs/check", json=bad, headers=OFFICER)).json()
    assert (409, "BadPack") == (wrong["status"], wrong["title"])
    assert "it is asked before (12-HD/BTCTW, 2018-07-06) [AskedTwice]" in wrong["detail"]
    assert "[MeasuredByNothing]" in wrong["detail"]
    assert 0 == await store.head()


async def test_a_pack_of_points_is_issued_with_its_bands_and_gives_a_level(sent, shown):
    issue = {name: ISSUE[name] for name in ISSUE if name != "goods"} | {"pack": "four-good-cell-scored-1"}
    assert (201, "") == await sent("/frameworks", issue)
    points = {
        "political_tasks_points": "28",
        "meeting_quality_points": "23",
        "solidarity_discipline_points": "18",
        "cadres_members_points": "20",
    }

    assert (201, "") == await sent(
        "/self-assessments",
        NOVEMBER | {"results": [{"criterion": code, "value": value} for code, value in points.items()]},
        SECRETARY,
    )

    stands = (await shown("/self-assessments/TU-FINANCE/2024-11"))["stands"]
    assert ("89", "SOUND", False) == (stands["points"], stands["level"], stands["four_good"])
    assert [True, False, True, True] == [good["achieved"] for good in stands["goods"]]


# -- How far it is adopted, and on what it rests


async def test_every_cell_adopts_and_coverage_is_whole(sent, shown):
    """S000: framework 05-HD/BTCTU of 2024-05-19, effective from then on; every cell adopts it."""
    await sent("/frameworks", ISSUE | {"effective_on": "2024-05-19"})
    path = f"/frameworks/coverage?organization=THAN-UYEN&{NAMED}"

    none = await shown(path)
    assert (2, 0, "0.00", ["TU-FINANCE", "TU-SCHOOL"]) == (
        none["cells"],
        none["adopted"],
        none["percent"],
        none["missing"],
    )
    for cell, day in (("TU-FINANCE", "2024-06-03"), ("TU-SCHOOL", "2024-06-10")):
        await sent("/adoptions", ADOPT | {"organization": cell, "adopted_on": day})

    half, whole = await shown(f"{path}&on=2024-06-09"), await shown(path)
    assert ("50.00", ["TU-SCHOOL"]) == (half["percent"], half["missing"])
    assert (2, "100.00", []) == (whole["adopted"], whole["percent"], whole["missing"])


async def test_a_cell_that_a_framework_is_not_for_is_not_missing(sent, shown):
    await sent("/frameworks", ISSUE | {"kinds": ["GRASSROOTS_CELL"]})

    assert ["TU-SCHOOL"] == (await shown(f"/frameworks/coverage?organization=THAN-UYEN&{NAMED}"))["missing"]


async def test_the_coverage_of_what_nobody_issued_is_not_found(shown):
    assert "NotFound" == await shown(f"/frameworks/coverage?organization=THAN-UYEN&{NAMED}")
    assert "NotFound" == await shown(f"/frameworks/chain?organization=THAN-UYEN&{NAMED}")


async def test_documents_are_linked_from_the_centre_to_the_cells_own_plan(sent, shown):
    """S001: 21-NQ/TW, 24-CTr/TU, 161-KH/HU and the pilot cell's plan, each carrying out the one before."""
    framework = {"number": "161-KH/HU", "date": "2022-10-31"}
    basis = [{"number": "21-NQ/TW", "date": "2022-06-16"}, {"number": "24-CTr/TU", "date": "2022-10-17"}]
    issue = ISSUE | {"framework": framework, "effective_on": "2023-01-01", "period": "YEAR"}
    assert (409, "BasedOnLater") == await sent("/frameworks", issue | {"based_on": basis[::-1]})
    assert (201, "") == await sent("/frameworks", issue | {"based_on": basis})
    plan = {"number": "02-KH/CB", "date": "2022-11-14"}
    await sent("/adoptions", ADOPT | {"framework": framework, "adopted_on": "2022-11-28", "plan": plan})

    links = await shown("/frameworks/chain?organization=TU-FINANCE&number=161-KH/HU&date=2022-10-31")

    assert [
        ("2022-06-16", "BASIS", None),
        ("2022-10-17", "BASIS", None),
        ("2022-10-31", "FRAMEWORK", "THAN-UYEN"),
        ("2022-11-14", "PLAN", "TU-FINANCE"),
    ] == [(one["document"]["date"], one["role"], one["of"]) for one in links]
    assert 3 == len(await shown("/frameworks/chain?organization=TU-SCHOOL&number=161-KH/HU&date=2022-10-31"))


@pytest.mark.parametrize(("failed", "four_good"), [(None, True), ("CADRES_MEMBERS", False)])
async def test_a_year_of_two_levels_is_achieved_when_all_four_goods_are(sent, shown, failed, four_good):
    """S001: by the year, by the cell itself, achieved or not; 5 of 5 members did their tasks well: 100 %."""
    goods = ["POLITICAL_TASKS", "MEETING_QUALITY", "SOLIDARITY_DISCIPLINE"]
    yearly = [
        *(GOOD | {"good": good, "criteria": [yes_or_no(good.lower(), period="YEAR")]} for good in goods),
        GOOD
        | {
            "good": "CADRES_MEMBERS",
            "criteria": [
                ATTENDANCE
                | {"criterion": "tasks_well_done_pct", "period": "YEAR", "test": {"op": "eq", "value": "100"}}
            ],
        },
    ]
    await sent("/frameworks", ISSUE | {"period": "YEAR", "goods": yearly})
    done = "80" if failed else "100"
    results = [{"criterion": good.lower(), "achieved": True} for good in goods]

    await sent(
        "/self-assessments",
        NOVEMBER
        | {
            "period": "2024",
            "results": [*results, {"criterion": "tasks_well_done_pct", "value": done}],
            "submitted_on": "2024-12-30",
        },
        SECRETARY,
    )

    stands = (await shown("/self-assessments/TU-FINANCE/2024"))["stands"]
    assert four_good is stands["four_good"]
    assert [good for good in [failed] if good] == [
        good["good"] for good in stands["goods"] if not good["achieved"]
    ]


async def test_what_is_adopted_above_is_listed_after_ones_own(sent, shown):
    await sent("/frameworks", ISSUE)
    above = ADOPT | {"organization": "TU-AGENCIES", "adopted_on": "2024-05-27"}
    await sent("/adoptions", above)
    await sent("/adoptions", ADOPT | {"goods": [OWN]})
    await sent("/adoptions", ADOPT | {"adopted_on": "2024-07-01"})

    assert [("TU-FINANCE", "2024-07-01", 0), ("TU-AGENCIES", "2024-05-27", 0)] == [
        (one["organization"], one["adopted_on"], len(one["goods"]))
        for one in await shown("/adoptions?organization=TU-FINANCE")
    ]
    assert ["2024-06-03", "2024-05-27"] == [
        one["adopted_on"] for one in await shown("/adoptions?organization=TU-FINANCE&on=2024-06-30")
    ]


# -- From districts, in any order


def of_district() -> dict[str, Any]:
    own = [*NOVEMBER["results"], {"criterion": "pupils_helped", "achieved": True}]
    return {
        "CriteriaFrameworkIssued": CriteriaFrameworkIssuedV2.model_validate(BINDING),
        "CriteriaFrameworkAdopted": CriteriaFrameworkAdopted.model_validate(ADOPT | {"goods": [OWN]}),
        "SelfAssessmentSubmitted": SelfAssessmentSubmitted.model_validate(NOVEMBER | {"results": own}),
    }


@pytest.mark.parametrize("order", list(permutations(of_district())), ids="-".join)
async def test_a_districts_events_in_any_order_come_to_the_same(assessment, asked, order):
    """What comes too early waits, and is told again after the others."""
    hears, events, waiting = handlers(assessment), of_district(), list(order)

    while waiting:
        name = waiting.pop(0)
        try:
            await hears[name](events[name], asked)
        except NotYetKnown:
            waiting.append(name)

    [version] = (await assessment.self_assessments.find("TU-FINANCE", "2024-11")).told
    assert [{"organization": "TU-FINANCE", "adopted_on": "2024-06-03"}] == version.adopted
