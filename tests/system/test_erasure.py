"""A person is erased, then searched for wherever anything is kept or told."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import psycopg
import pytest
from psycopg.rows import dict_row

from deploy.embedded.runtime import SERVICES
from tests.system.conftest import IN_CONTAINERS

CELL = {
    "organization": "ERASURE-1",
    "name": "Chi bộ Khối phố 7",
    "kind": "GRASSROOTS_CELL",
    "parent": "TAM-KY",
    "founded_on": "2020-05-19",
}
THUY = {
    "member": "M-ERASURE-1",
    "organization": "ERASURE-1",
    "decision": {"number": "31-QĐ/TU", "date": "2024-11-04"},
    "ceremony_on": "2024-11-20",
    "standing": "PROBATIONARY",
    "name": "Phùng Thị Thủy Tiên",
    "born_on": "1987-03-09",
    "phone": "+84 905 771 936",
    "mail": "thuytien@khoipho7.example",
    "address": "Kiệt 93 Trưng Nữ Vương",
}
CORRECTED = {"name": "Phùng Thị Thùy Tiên", "phone": "+84 905 771 937"}
CLUES = [
    "LONG_TREATMENT",
    *("Phùng Thị", "Thủy Tiên", "Thùy Tiên", "1987-03-09", "905 771 93", "thuytien", "khoipho7", "Kiệt 93"),
    *(r"Ph\u00f9ng Th", r"Th\u1ee7y Ti", r"Ki\u1ec7t 93"),
]
PERSON = "/members/M-ERASURE-1/person"
GROUND = "LONG_TREATMENT"
EXEMPTION = {
    "organization": "ERASURE-1",
    "exempted_on": "2024-11-22",
    "ground": GROUND,
    "decision": {"number": "33-QĐ/TU", "date": "2024-11-22"},
}
WANTED = {"members": ["M-ERASURE-1"], "purpose": "CONTACT"}
LISTED = "/organizations/ERASURE-1/members?as_of=2024-12-31"


@pytest.mark.skipif(IN_CONTAINERS, reason="the disks of containers are not this machine's")
async def test_an_erased_person_is_nowhere_and_what_was_decided_stands(province, ask, district):
    async def told(path: str, body: Any, **params: Any) -> Any:
        answer = await ask("registry", path, method="POST", json=body, params=params)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    founded = await told("/organizations", CELL)
    admitted = await told("/members", THUY, after=f"registry:{founded['position']}")
    await told(f"{PERSON}/correction", CORRECTED)
    await told(f"{PERSON}/requests", {"request": "DR-ER-1", "kind": "ERASURE", "received_on": "2024-11-25"})
    exempted = await told("/members/M-ERASURE-1/exemption", EXEMPTION)
    before = await ask.json("registry", f"{PERSON}/export")
    assert GROUND in [fact["says"].get("ground") for fact in before["facts"]]
    named = await ask.json("registry", "/persons/names", method="POST", json=WANTED)
    assert {"M-ERASURE-1": CORRECTED["name"]} == named["names"]
    assert {THUY["name"], CORRECTED["name"], THUY["address"]} <= {one["value"] for one in before["person"]}
    # Whoever is told wrongly keeps what it was told: it names the member, and goes with the person.
    wrong = {k: v for k, v in THUY.items() if k in {"member", "organization", "decision"}}
    [receipt] = await district.tell(district.event("registry.MemberAdmitted.v1", wrong))
    assert "rejected" == receipt["outcome"]

    erased = await ask("registry", PERSON, method="DELETE")
    assert 204 == erased.status_code
    await told("/data-requests/DR-ER-1/completion", {"completed_on": "2024-12-02"})
    await ask.settled()

    shown = await ask.json("registry", "/members/M-ERASURE-1")
    export = await ask.json("registry", f"{PERSON}/export")
    assert ("[erased]", "[erased]", []) == (shown["person"]["name"], export["name"], export["person"])
    assert ("ERASURE-1", "PROBATIONARY") == (shown["organization"], shown["standing"])
    after = f"after=registry:{admitted['position']}"
    counted = await ask.json("reporting", f"/organizations/ERASURE-1/headcount?on=2024-12-31&{after}")
    assert 1 == counted["total"]

    named = await ask.json("registry", "/persons/names", method="POST", json=WANTED)
    assert {"M-ERASURE-1": "[erased]"} == named["names"]
    files = [await listed(ask, kind, exempted["position"]) for kind in ("json", "csv", "xlsx")]
    assert [True] * 3 == ["M-ERASURE-1" in file for file in files]

    parked = await ask.json("registry", "/parked", role="operator")
    assert [] == [one for one in parked if one["event_id"] == receipt["id"]]
    accesses = await ask.json("registry", f"{PERSON}/accesses")
    answers = [shown, export, counted, named, *files, parked, accesses]
    assert [] == [clue for clue in CLUES for answer in answers if clue in str(answer)]
    assert [] == list(in_tables(province, CLUES))
    assert [] == list(on_disk(province.embedded.data, CLUES))
    # And the search finds what is there.
    left = {path.parts[0] for path in on_disk(province.embedded.data, ["M-ERASURE-1"])}
    assert {"registry_events", "entry"} <= set(in_tables(province, ["M-ERASURE-1"]))
    assert {"nats", "postgres"} <= left


async def listed(ask: Any, kind: str, position: int) -> str:
    """Return the list of the cell's members as a file of that kind, unpacked if it is packed."""
    answer = await ask("reporting", f"{LISTED}&format={kind}&after=registry:{position}")
    assert 200 == answer.status_code, answer.text
    if kind != "xlsx":
        return str(answer.text)
    with ZipFile(BytesIO(answer.content)) as book:
        return " ".join(book.read(name).decode() for name in book.namelist())


def in_tables(province: Any, clues: list[str]) -> Iterator[str]:
    """Yield each table of each service in which one of `clues` stands, as text or as bytes."""
    for service in SERVICES:
        with psycopg.connect(province.database_url(service), row_factory=dict_row) as connection:
            tables = connection.execute(
                "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) AS place, tablename"
                " FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
            ).fetchall()
            words = [form for clue in clues for form in (clue, clue.encode().hex())]
            for table in tables:
                found = connection.execute(
                    f"SELECT count(*) AS n FROM {table['place']} AS t"
                    " JOIN unnest(%s::text[]) AS word ON position(word IN t::text) > 0",
                    (words,),
                ).fetchone()
                if found and found["n"]:
                    yield table["tablename"]


def on_disk(data: Path, clues: list[str]) -> Iterator[Path]:
    """Yield each file in which one of `clues` stands: of tables, of streams, or printed by someone."""
    words = [clue.encode() for clue in clues]
    for path in data.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            if any(word in content for word in words):
                yield path.relative_to(data)
