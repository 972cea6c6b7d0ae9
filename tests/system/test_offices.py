"""Rights by office, through the province: they count in every service from the appointment to the relief."""

from datetime import datetime, timedelta

import pytest

from contracts.days import PROVINCE_TIME
from tests.assessment.bodies import MEETING
from tests.system.test_members import admission, cell, decision

TODAY = datetime.now(PROVINCE_TIME).date()
YESTERDAY = TODAY - timedelta(days=1)
READ = (
    ("registry", "/organizations/{}/officials?"),
    ("assessment", "/frameworks?organization={}&"),
    ("classification", "/dossiers/{}/2025?"),
    ("notification", "/inbox?organization={}&"),
    ("reporting", "/organizations/{}/members?"),
)


def meeting(code, number=1):
    return MEETING | {"meeting": f"{code}-{number}", "organization": code, "tasks": []}


@pytest.fixture
def told(ask):
    """Return how to tell a service, as an officer or as a member; what is told next waits for it."""
    after = []

    async def told(service, path, body, expected=201, **by):
        answer = await ask(service, path, method="POST", json=body, params={"after": after[-1:]}, **by)
        assert expected == answer.status_code, answer.text
        if expected == 201 and service == "registry":
            after.append(f"registry:{answer.json()['position']}")
        return answer.json()

    told.after = after
    return told


@pytest.fixture(scope="module")
def names():
    """Return codes for the next two cells and the next secretary."""
    return iter([("OFFICES-A", "OFFICES-B", "OFFICES-M-1"), ("OFFICES-C", "OFFICES-D", "OFFICES-M-3")])


@pytest.fixture
async def secretary(told, names):
    """Two neighbouring cells, and the secretary of the first, appointed yesterday."""
    own, neighbour, member = next(names)
    for code in (own, neighbour):
        await told("registry", "/organizations", cell(code))
    await told("registry", "/members", admission(member, own))
    appointment = {
        "member": member,
        "position": "SECRETARY",
        "from_on": str(YESTERDAY),
        "decision": decision(str(YESTERDAY)),
    }
    await told("registry", f"/organizations/{own}/officials", appointment)
    return {"role": "", "member": member}


async def test_a_secretary_acts_for_the_own_cell_from_the_appointment_to_the_relief(ask, told, secretary):
    await told("assessment", "/meetings", meeting("OFFICES-A"), **secretary)
    await told("registry", "/members", admission("OFFICES-M-2", "OFFICES-A"), **secretary)
    refused = await told("assessment", "/meetings", meeting("OFFICES-B"), expected=403, **secretary)
    assert refused["detail"].endswith("over OFFICES-B; today you are secretary over OFFICES-A")

    for service, path in READ:
        here = path.format("OFFICES-A") + f"after={told.after[-1]}"
        assert 200 == (await ask(service, here, **secretary)).status_code, service
        assert 403 == (await ask(service, path.format("OFFICES-B"), **secretary)).status_code, service

    relief = {"position": "SECRETARY", "relieved_on": str(TODAY), "decision": decision(str(TODAY))}
    await told("registry", "/organizations/OFFICES-A/officials/OFFICES-M-1/relief", relief)
    refused = await told("assessment", "/meetings", meeting("OFFICES-A", 2), expected=403, **secretary)
    assert refused["detail"].endswith("over OFFICES-A; today you hold no office")


async def test_the_console_begins_where_one_holds_an_office(ask, province, told, secretary):
    begins = await ask.json("reporting", f"/organizations?after={told.after[-1]}", **secretary)
    cookies = {"Cookie": f"fourgood_token={province.token(**secretary)}"}
    mine, theirs = [
        await ask.client.get(f"{province.url('reporting')}{path}", headers=cookies)
        for path in ("/", "/organizations/OFFICES-D")
    ]

    assert ["OFFICES-C"] == [node["code"] for node in begins]
    assert (200, 403) == (mine.status_code, theirs.status_code)
    assert "OFFICES-C" in mine.text
