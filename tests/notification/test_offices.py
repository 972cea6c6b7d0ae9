"""Notices go to offices: of the organization and of its superior, whoever holds them on that day."""

import json
from importlib.resources import files

import pytest

from services.chassis.delivery import Gap
from services.notification.letters import WORDS
from services.notification.rules import read_rules
from services.reporting.console import texts
from tests.notification.stories import notices_made, told
from tests.telling import Telling, appointed, classified, deadline, fell_below, founded, relieved, restricted

pytestmark = pytest.mark.anyio

FELL = ("CELL_BELOW_MINIMUM", "TU-C-001", "2024-11-19")


@pytest.fixture
async def hear(tree, officials, restrictions, on_registry):
    """Return what lets everybody read what the registry told, the policy last."""

    async def hearing(*deliveries):
        for view in (tree, officials, restrictions, on_registry):
            await view.apply(deliveries)

    return hearing


@pytest.fixture
async def founded_before(hear, district):
    """Read the foundings once more: the tree passes over them."""
    again = Telling()
    await hear(
        *again.all(
            founded("LAI-CHAU", under=None, kind="PROVINCIAL_COMMITTEE"),
            founded("THAN-UYEN", under="LAI-CHAU", kind="DISTRICT_COMMITTEE"),
            founded("TU-C-001", under="THAN-UYEN"),
            founded("TU-C-002", under="THAN-UYEN"),
        )
    )


async def holders(store):
    return {made.role: made.holder for made in await notices_made(store)}


async def test_a_cell_with_too_few_full_members_is_told_to_its_secretary_and_its_superior(
    hear, founded_before, tell, store, box, carry
):
    await hear(tell(fell_below("TU-C-001", "2024-11-19")))

    assert [(*FELL, "TU-C-001 SECRETARY"), (*FELL, "THAN-UYEN SUPERIOR")] == await told(store)
    await carry()
    [notice] = await box.inbox("THAN-UYEN", 10)
    assert FELL == (notice.rule, notice.organization, notice.period)


async def test_told_twice_it_is_one_notice_and_another_day_is_another(hear, founded_before, tell, store):
    first, second = tell.all(
        fell_below("TU-C-001", "2024-11-18"), fell_below("TU-C-001", "2024-11-19", full=1)
    )
    await hear(first)
    await hear(first, second)

    assert ["2024-11-18", "2024-11-18", "2024-11-19", "2024-11-19"] == [
        day for _, _, day, _ in await told(store)
    ]


async def test_what_was_told_of_long_ago_is_history_and_no_news(hear, founded_before, tell, store):
    await hear(*tell.all(fell_below("TU-C-001", "2012-05-01"), fell_below("TU-C-002", "2024-10-21")))

    assert {"TU-C-002"} == {about for _, about, _, _ in await told(store)}


async def test_a_notice_names_who_holds_the_office_on_that_day(hear, founded_before, tell, store):
    await hear(
        *tell.all(
            appointed("M-OLD", "TU-C-001", "SECRETARY", "2020-01-01"),
            relieved("M-OLD", "TU-C-001", "SECRETARY", "2024-11-01"),
            appointed("M-NEW", "TU-C-001", "SECRETARY", "2024-11-01"),
            appointed("M-ELSE", "THAN-UYEN", "COMMITTEE_MEMBER", "2020-01-01"),
            appointed("M-DEPUTY", "THAN-UYEN", "DEPUTY_SECRETARY", "2020-01-01"),
            fell_below("TU-C-001", "2024-11-19"),
        )
    )

    assert {"SECRETARY": "M-NEW", "SUPERIOR": "M-DEPUTY"} == await holders(store)


async def test_an_office_that_nobody_holds_is_told_all_the_same(
    hear, founded_before, tell, store, box, carry
):
    await hear(
        *tell.all(
            appointed("M-1", "THAN-UYEN", "COMMITTEE_MEMBER", "2020-01-01"),
            fell_below("TU-C-001", "2024-11-19"),
        )
    )
    await carry()

    assert {"SECRETARY": None, "SUPERIOR": None} == await holders(store)
    assert [None] == [notice.holder for notice in await box.inbox("TU-C-001", 10)]


async def test_who_restricts_the_use_of_their_data_is_named_in_no_notice(hear, founded_before, tell, store):
    await hear(
        *tell.all(
            appointed("M-1", "THAN-UYEN", "SECRETARY", "2020-01-01"),
            restricted("M-1", "THAN-UYEN", "2024-11-18"),
            fell_below("TU-C-001", "2024-11-19"),
        )
    )

    assert {"SECRETARY": None, "SUPERIOR": None} == await holders(store)


async def test_a_class_is_told_to_who_holds_the_office(hear, founded_before, tell, policy, store):
    await hear(tell(appointed("M-1", "THAN-UYEN", "SECRETARY", "2020-01-01")))
    await policy.apply([tell(classified("TU-C-001", "2024"))])

    assert {"SECRETARY": None, "SUPERIOR": "M-1"} == await holders(store)


@pytest.mark.parametrize(
    ("duty", "state", "about", "told_to"),
    [
        ("RECOGNITION", "MISSED", "TU-C-001", {"TU-C-001 SECRETARY", "THAN-UYEN SUPERIOR"}),
        ("CEREMONY", "MISSED", "TU-C-001", {"TU-C-001 SECRETARY", "THAN-UYEN SUPERIOR"}),
        ("RELEASE", "NEAR", "TU-C-002", {"TU-C-002 SECRETARY"}),
        ("RELEASE", "MISSED", "TU-C-001", {"TU-C-001 SECRETARY", "THAN-UYEN SUPERIOR"}),
        ("DATA_REQUEST_ANSWER", "NEAR", "THAN-UYEN", {"THAN-UYEN SECRETARY"}),
        ("DATA_REQUEST", "MISSED", "THAN-UYEN", {"THAN-UYEN SECRETARY"}),
    ],
)
async def test_a_deadline_is_told_to_the_offices_of_its_rule(
    hear, founded_before, tell, store, duty, state, about, told_to
):
    await hear(tell(deadline(duty, about, "2024-11-19", state=state)))

    assert {(f"{duty}_{state}", about, "2024-11-19", to) for to in told_to} == set(await told(store))


async def test_what_fell_due_at_a_cell_on_one_day_is_one_notice(hear, founded_before, tell, store):
    await hear(*tell.all(*(deadline("RELEASE", "TU-C-002", "2024-11-19", state="NEAR") for _ in range(2))))

    assert 1 == len(await told(store))


async def test_a_duty_that_has_no_rule_here_is_told_to_nobody(hear, founded_before, tell, store):
    await hear(tell(deadline("DUES", "TU-C-001", "2024-11-19")))

    assert [] == await told(store)


async def test_nobody_is_told_before_it_is_known_who_holds_the_office(
    tree, officials, on_registry, founded_before, tell, store
):
    deliveries = tell.all(
        appointed("M-NEW", "TU-C-001", "SECRETARY", "2024-11-01"), fell_below("TU-C-001", "2024-11-19")
    )
    await tree.apply(deliveries)
    await officials.apply(deliveries[:1])

    with pytest.raises(Gap, match="officials has read registry up to 5, not yet 6"):
        await on_registry.apply(deliveries)
    assert [] == await told(store)


def test_every_rule_has_its_offices_its_letter_and_its_name_in_both_languages():
    rules = read_rules()
    named = [
        json.loads((files(texts.__package__) / "texts" / f"{one}.words.json").read_text())
        for one in ("vi", "en")
    ]

    assert rules.offices.keys() == WORDS.keys()
    for words in named:
        assert {f"notice.{rule}" for rule in rules.offices} == {
            key for key in words if key.startswith("notice.")
        }
