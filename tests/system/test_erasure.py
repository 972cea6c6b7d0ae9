"""A person is erased, then searched for wherever anything is kept or told."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

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
    *("Phùng Thị", "Thủy Tiên", "Thùy Tiên", "1987-03-09", "905 771 93", "thuytien", "khoipho7", "Kiệt 93"),
    *(r"Ph\u00f9ng Th", r"Th\u1ee7y Ti", r"Ki\u1ec7t 93"),
]
PERSON = "/members/M-ERASURE-1/person"


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
    before = await ask.json("registry", f"{PERSON}/export")
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

    parked = await ask.json("registry", "/parked", role="operator")
    assert [] == [one for one in parked if one["event_id"] == receipt["id"]]
    accesses = await ask.json("registry", f"{PERSON}/accesses")
    answers = [shown, export, counted, parked, accesses]
    assert [] == [clue for clue in CLUES for answer in answers if clue in str(answer)]
    assert [] == list(in_tables(province, CLUES))
    assert [] == list(on_disk(province.embedded.data, CLUES))
    # And the search finds what is there.
    left = {path.parts[0] for path in on_disk(province.embedded.data, ["M-ERASURE-1"])}
    assert {"registry_events", "entry"} <= set(in_tables(province, ["M-ERASURE-1"]))
    assert {"nats", "postgres"} <= left


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
