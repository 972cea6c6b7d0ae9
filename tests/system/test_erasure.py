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
from tests.registry.files import MEMBERS, as_csv
from tests.system.conftest import IN_CONTAINERS

CELL = {
    "organization": "ERASURE-1",
    "name": "Chi bộ Khối phố 7",
    "kind": "GRASSROOTS_CELL",
    "parent": "TAM-KY",
    "founded_on": "2020-05-19",
}
ROW = ["M-ERASURE-1", "ERASURE-1", "31-QĐ/TU", "2024-11-04", "2024-11-20", "PROBATIONARY"]
IMPORTED = as_csv([*ROW, "Phùng Thị Thủy Tiên", "1987-03-09", "HOKHAU:5580"])
OTHERWISE = as_csv([*ROW, "Phùng Thị Thùy Tiên", "1987-03-10", "HOKHAU:5581"])
TWIN = as_csv(["M-ERASURE-2", *ROW[1:], "PHÙNG THỊ THỦY TIÊN", "1987-03-09", ""])
NAMESAKE = as_csv(["M-ERASURE-3", *ROW[1:], "Phùng Thị Tư", "1990-01-01", "HOKHAU:5580"])
REFUSED = {
    "UnknownColumn": as_csv(
        [*ROW, "Phùng Thị", "1987-03-09", "905 771 936"], header=[*MEMBERS[:-1], "phone"]
    ),
    "FormulaInCell": as_csv([*ROW, "=Phùng Thị", "09/03/1987", "Kiệt 93"]),
    "Malformed": as_csv([*ROW, "Phùng Thị Thủy Tiên", "1987-03-09", "Kiệt 93"]),
    "CodeTwice": IMPORTED + OTHERWISE.partition(b"\r\n")[2],
}
"""What was wrong with a file that names her, by the rule that refuses it first."""

CORRECTED = {
    "name": "Phùng Thị Thùy Tiên",
    "phone": "+84 905 771 936",
    "mail": "thuytien@khoipho7.example",
    "address": "Kiệt 93 Trưng Nữ Vương",
}
CLUES = [
    "LONG_TREATMENT",
    *("Phùng Thị", "Thủy Tiên", "Thùy Tiên", "1987-03-09", "905 771 93", "thuytien", "khoipho7", "Kiệt 93"),
    *("PHÙNG THỊ", "THỦY TIÊN", "09/03/1987", "HOKHAU"),
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

    await told("/organizations", CELL)
    refused = {rule: await ask.imported(file) for rule, file in REFUSED.items()}
    assert list(REFUSED) == [run["problems"][0]["rule"] for run in refused.values()]
    came = await ask.imported(IMPORTED)
    assert ("DONE", 1) == (came["state"], came["recorded"])
    beside = [await ask.imported(file, validate_only=True) for file in (OTHERWISE, NAMESAKE, TWIN)]
    assert ["DiffersFromRecorded", "ExternalIdTwice", "SamePersonPerhaps"] == [
        one["rule"] for run in beside for one in (*run["problems"], *run["flags"])
    ]
    corrected = [await correct(ask) for _ in range(2)]
    assert [(204, None), (204, "true")] == [
        (one.status_code, one.headers.get("Idempotency-Replayed")) for one in corrected
    ]
    await told(f"{PERSON}/requests", {"request": "DR-ER-1", "kind": "ERASURE", "received_on": "2024-11-25"})
    exempted = await told("/members/M-ERASURE-1/exemption", EXEMPTION)
    before = await ask.json("registry", f"{PERSON}/export")
    assert GROUND in [fact["says"].get("ground") for fact in before["facts"]]
    named = await ask.json("registry", "/persons/names", method="POST", json=WANTED)
    assert {"M-ERASURE-1": CORRECTED["name"]} == named["names"]
    known = {"Phùng Thị Thủy Tiên", "1987-03-09", "HOKHAU:5580", *CORRECTED.values()}
    assert known <= {one["value"] for one in before["person"]}
    # Whoever is told wrongly keeps what it was told: it names the member, and goes with the person.
    wrong = {"member": "M-ERASURE-1", "organization": "ERASURE-1", "decision": EXEMPTION["decision"]}
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
    after = f"after=registry:{exempted['position']}"
    counted = await ask.json("reporting", f"/organizations/ERASURE-1/headcount?on=2024-12-31&{after}")
    assert 1 == counted["total"]

    named = await ask.json("registry", "/persons/names", method="POST", json=WANTED)
    assert {"M-ERASURE-1": "[erased]"} == named["names"]
    files = [await listed(ask, kind, exempted["position"]) for kind in ("json", "csv", "xlsx")]
    assert [True] * 3 == ["M-ERASURE-1" in file for file in files]

    parked = await ask.json("registry", "/parked", role="operator")
    assert [] == [one for one in parked if one["event_id"] == receipt["id"]]
    accesses = await ask.json("registry", f"{PERSON}/accesses")
    # The files are still on somebody's disk: sent again they bring nobody back, and the twin is like nobody.
    again = [await ask.imported(IMPORTED), await ask.imported(TWIN, validate_only=True)]
    assert [("DONE", 1, 0, 0), ("VALID", 0, 0, 0)] == [
        (run["state"], run["unchanged"], run["recorded"], run["flags_total"]) for run in again
    ]
    remembered = [
        await ask.json("registry", f"/imports/{run['id']}")
        for run in (*refused.values(), came, *beside, *again)
    ]
    forgotten = await correct(ask)
    assert (422, "KeyReused") == (forgotten.status_code, forgotten.json()["title"])
    answers = [shown, export, counted, named, *files, parked, accesses, *remembered, forgotten.text]
    assert [] == [clue for clue in CLUES for answer in answers if clue in str(answer)]
    assert [] == list(in_tables(province, CLUES))
    assert [] == list(on_disk(province.embedded.data, CLUES))
    # And the search finds what is there.
    left = {path.parts[0] for path in on_disk(province.embedded.data, ["M-ERASURE-1"])}
    assert {"registry_events", "entry"} <= set(in_tables(province, ["M-ERASURE-1"]))
    assert {"nats", "postgres"} <= left


async def correct(ask: Any) -> Any:
    """Correct what was imported, under a name of its own: what it led to is remembered."""
    named = {"Idempotency-Key": "erasure-1"}
    return await ask("registry", f"{PERSON}/correction", method="POST", json=CORRECTED, headers=named)


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
