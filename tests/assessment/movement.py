"""The movement in Than Uyên's and Mường Khương's trees, in facts and in JSON: what its tests begin with."""

from typing import Any

from services.assessment.domain import Agreement, Movement, Registration, Replication
from tests.assessment.bodies import MEETING
from tests.edges import bearer
from tests.spec import fact

PLAN = {"number": "268-KH/HU", "date": "2024-06-20"}
OWN_PLAN = {"number": "45-KH/ĐU", "date": "2024-06-28"}

# -- Commands, as they come over HTTP

LAUNCH: dict[str, Any] = {
    "organization": "THAN-UYEN",
    "document": PLAN,
    "title": "Phát động phong trào thi đua",
    "launched_on": "2024-06-28",
}
LAUNCH_BELOW: dict[str, Any] = LAUNCH | {
    "organization": "TU-AGENCIES",
    "document": OWN_PLAN,
    "follows": {"organization": "THAN-UYEN", "document": PLAN},
}
SIGN: dict[str, Any] = {
    "agreement": "TU-2024-01",
    "organization": "THAN-UYEN",
    "partner": "TU-FINANCE",
    "agreed": "Xây dựng chi bộ bốn tốt",
    "signed_on": "2024-06-28",
}
COUNTERSIGN = SIGN | {"organization": "TU-FINANCE", "partner": "THAN-UYEN", "signed_on": "2024-06-30"}
REGISTER: dict[str, Any] = {
    "organization": "TU-FINANCE",
    "year": "2025",
    "meeting": "TU-FINANCE-2024-11",
    "registered_on": "2024-12-02",
    "framework": {"number": "05-HD/BTCTU", "date": "2024-05-19"},
}
REPLICATE: dict[str, Any] = {
    "replication": "TU-SCHOOL-01",
    "organization": "TU-SCHOOL",
    "model": "TU-FINANCE",
    "practice": "Gửi nội dung trước buổi sinh hoạt",
    "replicated_on": "2024-09-05",
}

# -- The same, as facts

launched = fact(
    Movement.Launched,
    organization="THAN-UYEN",
    number="268-KH/HU",
    dated="2024-06-20",
    title="Phát động phong trào thi đua",
    launched_on="2024-06-28",
    follows=None,
)
launched_below = fact(
    Movement.Launched,
    **launched.fields
    | {
        "organization": "TU-AGENCIES",
        "number": "45-KH/ĐU",
        "dated": "2024-06-28",
        "follows": {"organization": "THAN-UYEN", "number": "268-KH/HU", "dated": "2024-06-20"},
    },
)
signed = fact(Agreement.Signed, **SIGN)
countersigned = fact(Agreement.Countersigned, **COUNTERSIGN)
registered = fact(
    Registration.Registered,
    **REGISTER
    | {
        "resolution": {"number": "11-NQ/CB", "title": "Year-end accounts"},
        "framework": {"issuer": "THAN-UYEN", "number": "05-HD/BTCTU", "dated": "2024-05-19"},
    },
)
replicated = fact(Replication.Replicated, **REPLICATE)

# -- Mường Khương, over HTTP

OFFICER = bearer("officer", "MUONG-KHUONG")
SIGNED = {
    "MK-TT": ("GRASSROOTS_COMMITTEE", "MK-TT-MUONG-KHUONG"),
    "MK-QUAN-SU": ("GRASSROOTS_COMMITTEE", "district military command"),
    "MK-CONG-AN": ("GRASSROOTS_COMMITTEE", "district police"),
    "MK-NAM-LU": ("GRASSROOTS_COMMITTEE", "commune"),
    "MK-TC-KH": ("GRASSROOTS_CELL", "finance and planning"),
    "MK-PTDT": ("GRASSROOTS_CELL", "ethnic boarding school"),
    "MK-TU-PHAP": ("GRASSROOTS_CELL", "justice and inspection"),
    "MK-KHO-BAC": ("GRASSROOTS_CELL", "treasury"),
}
"""The eight of 28 June 2024, by kind (S004)."""


async def post(api, path, body, headers=OFFICER):
    response = await api.post(path, json=body, headers=headers)
    assert 201 == response.status_code, response.text
    return response.json()


def launch(organization, number, on, follows=None):
    above, numbered, dated = follows or ("", "", "")
    launch_above = {"organization": above, "document": {"number": numbered, "date": dated}}
    return {
        "organization": organization,
        "document": {"number": number, "date": on},
        "title": "Phát động",
        "launched_on": on,
        "follows": launch_above if follows else None,
    }


def signature(number, organization, partner, on="2024-06-28"):
    return {
        "agreement": f"MK-2024-{number:02}",
        "organization": organization,
        "partner": partner,
        "agreed": "Xây dựng chi bộ bốn tốt, đảng bộ cơ sở bốn tốt",
        "signed_on": on,
    }


def meeting(cell, **changed):
    return MEETING | {"meeting": f"{cell}-2024-11", "organization": cell} | changed


def registration(cell, **changed):
    body = {"organization": cell, "year": "2025", "meeting": f"{cell}-2024-11", "registered_on": "2024-12-02"}
    return body | changed
