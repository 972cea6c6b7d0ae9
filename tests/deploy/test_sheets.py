"""What a clerk's file becomes: JSON Lines, CSV and XLSX, each row as its event's schema says."""

import io
import json
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from deploy.cli import sheets
from deploy.cli.sheets import read

SOURCE = "urn:fourgood:than-uyen"
TARGET = "registry.AdmissionTargetSet.v1"
ADMITTED = "registry.MemberAdmitted.v1"
MEETING = "assessment.MeetingHeld.v1"


def said(name: str, body: str | bytes) -> list[dict]:
    sheet = read(name, body if isinstance(body, bytes) else body.encode(), SOURCE)
    assert [] == sheet.bad
    return [json.loads(event.content) for event in sheet.events]


def bad(name: str, body: str | bytes) -> list[tuple[int, str, str]]:
    sheet = read(name, body if isinstance(body, bytes) else body.encode(), SOURCE)
    return [(row, problem.field, problem.rule) for row, problem in sheet.bad]


def workbook(*tables: list[list]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    book.remove(book.active)
    for rows in tables:
        sheet = book.create_sheet()
        for row in rows:
            sheet.append(row)
    book.save(out)
    return out.getvalue()


HEADER = "organization,year,target,set_on"


def test_a_csv_is_of_the_event_its_name_begins_with_and_numbers_are_numbers():
    [event] = said(f"{TARGET} tháng 1.csv", f"{HEADER}\nTHAN-UYEN,2024,40,2024-01-05\n")

    assert {"organization": "THAN-UYEN", "year": "2024", "target": 40, "set_on": "2024-01-05"} == event[
        "data"
    ]
    assert (TARGET, SOURCE) == (event["type"], event["source"])


def test_or_a_column_says_which_event_a_row_is():
    body = f"type;id;{HEADER.replace(',', ';')};name\n{TARGET};t-1;THAN-UYEN;2024;40;2024-01-05;\n"

    assert [(TARGET, "t-1")] == [(event["type"], event["id"]) for event in said("x.csv", body)]


def test_a_field_within_a_field_is_written_with_a_point_and_excels_mark_is_ignored():
    header = "member,organization,decision.number,decision.date,ceremony_on,standing"
    body = f"\ufeff{header}\nM-0042,TU-C-001,12-QĐ/HU,2024-11-01,2024-11-05,PROBATIONARY\n"

    assert {"number": "12-QĐ/HU", "date": "2024-11-01"} == said(f"{ADMITTED}.csv", body)[0]["data"][
        "decision"
    ]


def test_a_list_is_written_with_semicolons_or_with_numbers():
    header = "organization,into,effective_on,decision.number,decision.date,transfers.1.member,transfers.1.to"
    type = "registry.OrganizationSplit.v1"
    body = f"{header}\nTU-C-001,TU-C-002; TU-C-003,2024-01-01,1-QĐ,2024-01-01,M-0001,TU-C-002\n"

    [event] = said(f"{type}.csv", body)

    assert ["TU-C-002", "TU-C-003"] == event["data"]["into"]
    assert [{"member": "M-0001", "to": "TU-C-002"}] == event["data"]["transfers"]


def test_the_same_row_is_the_same_event_in_whichever_file():
    row = "THAN-UYEN,2024,40,2024-01-05"
    one = said(f"{TARGET}.csv", f"{HEADER}\n{row}\n")
    two = said(f"{TARGET}.xlsx", workbook([HEADER.split(","), row.split(",")]))

    assert one == two


def test_a_workbook_gives_days_numbers_and_truths_as_the_contract_writes_them():
    rows = [
        HEADER.split(","),
        ["THAN-UYEN", 2024, 40.0, date(2024, 1, 5)],
        [None],
        ["MUONG-KHUONG", "2024", 7, datetime(2024, 1, 6)],
    ]

    first, second = said(f"{TARGET}.xlsx", workbook(rows))

    assert {"organization": "THAN-UYEN", "year": "2024", "target": 40, "set_on": "2024-01-05"} == first[
        "data"
    ]
    assert "2024-01-06" == second["data"]["set_on"]


def test_an_instant_of_a_workbook_is_in_the_provinces_time():
    header = ["organization", "meeting", "cancelled_at", "reason"]
    rows = [header, ["TU-C-001", "MT-0001", datetime(2024, 11, 5, 14), "Bão"]]

    [event] = said("assessment.MeetingCancelled.v1.xlsx", workbook(rows))

    assert "2024-11-05T14:00:00+07:00" == event["data"]["cancelled_at"]


def test_every_sheet_has_its_header():
    table = [HEADER.split(","), ["THAN-UYEN", "2024", 40, "2024-01-05"]]
    other = [[*HEADER.split(",")[::-1]], ["2024-01-06", 7, "2024", "THAN-UYEN"]]

    assert [40, 7] == [event["data"]["target"] for event in said(f"{TARGET}.xlsx", workbook(table, other))]


def test_json_lines_are_cloud_events_or_only_type_and_data():
    data = {"organization": "THAN-UYEN", "year": "2024", "target": 40, "set_on": "2024-01-05"}
    short = {"type": TARGET, "data": data}
    full = {"specversion": "1.0", "id": "t-1", "source": "urn:x", "type": TARGET, "data": data}

    first, second = said("x.jsonl", f"{json.dumps(short)}\n\n{json.dumps(full)}\n")

    assert (SOURCE, "urn:x", "t-1") == (first["source"], second["source"], second["id"])


def test_what_is_wrong_is_told_by_row_column_and_rule():
    rows = ["T,24,40,05/01/2024,", "THAN-UYEN,2024,40,2024-01-05,x", "THAN-UYEN,2024,forty,2024-01-05,"]
    body = "\n".join([f"{HEADER},nmae", *rows])

    assert [
        (2, "organization", "BreaksContract"),
        (2, "year", "BreaksContract"),
        (2, "set_on", "BreaksContract"),
        (3, "nmae", "UnknownColumn"),
        (4, "target", "BreaksContract"),
    ] == bad(f"{TARGET}.csv", body)


def test_a_computed_cell_is_no_value():
    rows = [HEADER.split(","), ["THAN-UYEN", "2024", "=1+1", "2024-01-05"]]

    assert [(2, "target", "NotAValue")] == bad(f"{TARGET}.xlsx", workbook(rows))


@pytest.mark.parametrize(
    ("name", "body", "rule"),
    [
        ("x.csv", f"{HEADER}\nTHAN-UYEN,2024,40,2024-01-05\n", "NoType"),
        (f"{TARGET}.csv", "year,year\n1,2\n", "ColumnTwice"),
        (f"{TARGET}.csv", "year\n1,2\n", "WrongLength"),
        (f"{TARGET}.csv", 'year\n"1\n', "Malformed"),
        (f"{TARGET}.csv", "năm\n1\n".encode("utf-16"), "NotUtf8"),
        (f"{TARGET}.xlsx", b"no workbook", "Malformed"),
    ],
)
def test_a_file_that_is_none_is_refused_as_a_whole(name, body, rule):
    assert [(0, "", rule)] == bad(name, body)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{", (1, "", "Malformed")),
        ("[1]", (1, "", "Malformed")),
        ('{"type": "x", "data": {"a": NaN}}', (1, "", "Malformed")),
        ('{"type": "registry.NoSuch.v1", "data": {}}', (1, "type", "UnknownEvent")),
        ('{"data": {}}', (1, "type", "Malformed")),
    ],
)
def test_a_line_that_is_no_event_is_told(line, problem):
    assert [problem] == bad("x.jsonl", line)


def test_a_column_cannot_be_both_a_field_and_what_holds_fields():
    assert [(2, "decision.date", "ColumnTwice")] == bad(f"{ADMITTED}.csv", "decision,decision.date\nx,y\n")


def test_a_file_has_bounds(monkeypatch):
    monkeypatch.setattr(sheets, "ROWS_MAX", 1)
    row = "THAN-UYEN,2024,40,2024-01-05\n"
    assert [(0, "", "TooLong")] == bad(f"{TARGET}.csv", f"{HEADER}\n{row}{row}")

    monkeypatch.setattr(sheets, "INFLATED_MAX", 10)
    assert [(0, "", "TooLarge")] == bad(f"{TARGET}.xlsx", workbook([["year"]]))

    monkeypatch.setattr(sheets, "FILE_BYTES_MAX", 10)
    assert [(0, "", "TooLarge")] == bad(f"{TARGET}.csv", f"{HEADER}\n{row}")
