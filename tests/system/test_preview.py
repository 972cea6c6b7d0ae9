"""A file that is checked before it is sent: every owner decides by its own rules, and nothing stays of it."""

import json

from deploy.cli.checking import checked
from deploy.cli.district import credentials_of
from deploy.cli.publish import Report, read
from tests.patience import PATIENCE_S
from tests.system.test_intake import founding


def admission(member, *, organization="SEEN-1", ceremony_on="2024-11-20"):
    return {
        "member": member,
        "organization": organization,
        "decision": {"number": "31-QĐ/TU", "date": "2024-11-04"},
        "ceremony_on": ceremony_on,
        "standing": "FULL",
    }


def meeting(organization):
    return {
        "meeting": f"M-{organization}",
        "organization": organization,
        "kind": "REGULAR",
        "held_at": "2025-03-03T19:00:00+07:00",
        "duration_min": 90,
        "topic": "Sinh hoạt thường kỳ",
        "summoned": {"full": 3, "probationary": 0},
        "present": 3,
        "excused": 0,
        "unexcused": 0,
        "discusses_solutions": True,
    }


FILE = [
    ("registry.MemberAdmitted.v1", admission("SEEN-M-1")),
    ("registry.OrganizationFounded.v1", founding("SEEN-1")),
    ("registry.MemberAdmitted.v1", admission("SEEN-M-2", ceremony_on="2024-11-01")),
    ("registry.MemberAdmitted.v1", admission("SEEN-M-3")),
    ("registry.MemberAdmitted.v1", admission("SEEN-M-3")),
    ("registry.OrganizationFounded.v1", founding("SEEN-2", parent="BINH-THUAN")),
    ("assessment.MeetingHeld.v1", meeting("SEEN-1")),
    ("classification.CellClassified.v1", {"organization": "SEEN-1"}),
    ("registry.OrganizationAbolished.v1", {}),
]


async def outlook(province, events):
    report = Report()
    outgoing = read([json.dumps(event).encode() for event in events], report)
    credentials = credentials_of("TAM-KY", province.nats_url("TAM-KY"))
    found = await checked(outgoing, credentials, PATIENCE_S)
    return {event.id: (verdict.outcome, verdict.reason) for event, verdict in found}


async def test_what_a_check_says_is_what_becomes_of_the_file(province, district, ask):
    events = [district.event(type, data, f"seen-{n}") for n, (type, data) in enumerate(FILE)]
    before = await outlook(province, events)

    assert {
        "seen-0": ("accepted", None),
        "seen-1": ("accepted", None),
        "seen-2": ("rejected", "CeremonyBeforeDecision"),
        "seen-3": ("accepted", None),
        "seen-4": ("rejected", "CodeTaken"),
        "seen-5": ("rejected", "NotYours"),
        "seen-6": ("waits", "UnknownOrganization"),
        "seen-7": ("rejected", "BreaksContract"),
        "seen-8": ("rejected", "UnknownEvent"),
    } == before
    assert 404 == (await ask("registry", "/organizations/SEEN-1")).status_code

    receipts = await district.tell(*events)
    said = {one["id"]: (one["outcome"], one.get("reason")) for one in receipts}
    assert {**before, "seen-6": ("accepted", None)} == said


async def test_a_file_that_was_sent_is_all_duplicates_when_it_is_checked(province, district):
    event = district.event("registry.OrganizationFounded.v1", founding("SEEN-9"), "seen-9")
    await district.tell(event)

    assert {"seen-9": ("duplicate", None)} == await outlook(province, [event])
