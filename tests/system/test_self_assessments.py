"""Self-assessments' rows of the acceptance table, told over HTTP and read back; then with other numbers."""

import pytest

from tests.system.test_classes import REPORT

FRAMEWORK = {"number": "05-HD/BTCTU", "date": "2023-12-19"}
GOODS = ("POLITICAL_TASKS", "MEETING_QUALITY", "SOLIDARITY_DISCIPLINE", "CADRES_MEMBERS")


def criterion(name, period, **measured):
    kind = {"kind": "MEASURED", **measured} if measured else {"kind": "ACHIEVED"}
    named = {"criterion": name, "name_vi": name, "name_en": name, "period": period}
    return named | kind | {"source": "S000, S001, S004", "legal_tag": "LOCAL_POLICY"}


def good(name, *criteria):
    return {"good": name, "name_vi": name, "name_en": name, "criteria": list(criteria)}


def issue(committee, period, *goods):
    return {
        "organization": committee,
        "framework": FRAMEWORK,
        "title": "Khung tiêu chí chi bộ bốn tốt",
        "period": period,
        "effective_on": "2024-01-01",
        "goods": list(goods),
    }


def answered(cell, period, on, **answers):
    return {
        "organization": cell,
        "period": period,
        "framework": FRAMEWORK,
        "results": [{"criterion": name, **answer} for name, answer in answers.items()],
        "submitted_on": on,
    }


# -- S000: twelve months make a year


@pytest.mark.parametrize(
    ("code", "left_out", "four_good"),
    [("MONTHS-12", [], True), ("MONTHS-11", [8], False), ("MONTHS-9", [1, 6, 12], False)],
)
async def test_twelve_submissions_make_a_year_four_good_and_a_missing_one_is_named(
    clerk, code, left_out, four_good
):
    cell, committee = await clerk.found_beneath_its_own(code)
    asks = issue(committee, "MONTH", good(GOODS[1], criterion("monthly_meeting_held", "MONTH")))
    await clerk.tell("assessment", "/frameworks", asks)
    for month in set(range(1, 13)) - set(left_out):
        on = f"2024-{month:02}-28"
        said = answered(cell, on[:7], on, monthly_meeting_held={"achieved": True})
        await clerk.tell("assessment", "/self-assessments", said)

    report = REPORT | {"organization": cell, "decided_by": committee}
    await clerk.tell("classification", "/decisions", report)
    decision = await clerk.read("classification", f"/decisions/{cell}/2024")

    assert (12 + 1 - len(left_out), four_good) == (len(decision["events"]), decision["four_good"])
    said = ", ".join(f"2024-{month:02}" for month in left_out)
    assert bool(left_out) == any(f"missing {said}" in reason for reason in decision["reasons"] if said)


# -- S001: two levels, all four goods or not


@pytest.mark.parametrize("lacking", [*GOODS, None])
async def test_a_year_is_achieved_when_all_four_goods_are_and_by_no_fewer(clerk, lacking):
    cell, committee = await clerk.found_beneath_its_own(f"YEARLY-{GOODS.index(lacking) if lacking else 4}")
    goods = [good(name, criterion(name.lower(), "YEAR")) for name in GOODS]
    await clerk.tell("assessment", "/frameworks", issue(committee, "YEAR", *goods))
    answers = {name.lower(): {"achieved": name != lacking} for name in GOODS}
    await clerk.tell("assessment", "/self-assessments", answered(cell, "2024", "2024-12-28", **answers))

    stands = (await clerk.read("assessment", f"/self-assessments/{cell}/2024"))["stands"]

    assert {name: name != lacking for name in GOODS} == {
        one["good"]: one["achieved"] for one in stands["goods"]
    }
    assert (lacking is None) == stands["four_good"]


# -- S000, S001, S002, S004: figures are exact


@pytest.mark.parametrize(
    ("code", "op", "threshold", "value", "achieved"),
    [
        ("FIGURE-A", "gt", "7000000000", "7000000001", True),
        ("FIGURE-B", "gt", "1700000000", "1700000000", False),
        ("FIGURE-C", "gt", "99999999999998", "99999999999999", True),
        ("FIGURE-D", "eq", "100", "100", True),
        ("FIGURE-E", "eq", "100", "97.30", False),
        ("FIGURE-F", "eq", "100", "99.99", False),
        ("FIGURE-G", "gt", "85", "85", False),
        ("FIGURE-H", "gt", "85", "85.01", True),
    ],
    ids=[
        "over 7 billion",
        "just 1.7 billion",
        "as large as there are",
        "5 of 5",
        "36 of 37",
        "one of ten thousand",
        "85",
        "over 85",
    ],
)
async def test_a_figure_is_kept_and_compared_to_the_last_digit(
    clerk, ask, code, op, threshold, value, achieved
):
    cell, committee = await clerk.found_beneath_its_own(code)
    measured = criterion("figure", "YEAR", test={"op": op, "value": threshold}, unit="VND")
    await clerk.tell("assessment", "/frameworks", issue(committee, "YEAR", good(GOODS[0], measured)))
    said = answered(cell, "2024", "2024-12-28", figure={"value": value})
    await clerk.tell("assessment", "/self-assessments", said)

    stands = (await clerk.read("assessment", f"/self-assessments/{cell}/2024"))["stands"]
    await ask.settled()
    timeline = await ask.json("reporting", f"/cells/{cell}/timeline")

    assert [(value, achieved)] == [(one["value"], one["achieved"]) for one in stands["results"]]
    [told] = [one["data"] for one in timeline["entries"] if "SelfAssessmentSubmitted" in one["type"]]
    assert ([value], achieved) == ([one["value"] for one in told["results"]], told["four_good"])


# -- What is refused


async def test_a_period_that_is_locked_opens_by_a_decision_only(clerk):
    cell, committee = await clerk.found_beneath_its_own("LOCKED")
    asks = issue(committee, "MONTH", good(GOODS[1], criterion("monthly_meeting_held", "MONTH")))
    await clerk.tell("assessment", "/frameworks", asks)
    late = answered(cell, "2024-03", "2025-04-01", monthly_meeting_held={"achieved": True})
    opened = {
        "reopened_by": committee,
        "decision": {"number": "31-QĐ/ĐU", "date": "2025-04-01"},
        "reason": "hồ sơ bị lũ cuốn",
        "until": "2025-04-10",
    }

    assert (409, "Locked") == await clerk.refused("assessment", "/self-assessments", late)
    await clerk.tell("assessment", f"/self-assessments/{cell}/2024-03/reopenings", opened)
    await clerk.tell("assessment", "/self-assessments", late)
    stands = await clerk.read("assessment", f"/self-assessments/{cell}/2024-03")
    assert (True, opened["decision"]) == (stands["late"], stands["stands"]["admitted_by"])
