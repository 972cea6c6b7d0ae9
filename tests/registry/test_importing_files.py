"""Files as they come: what is read of them, and what can be wrong with one, told by row and rule."""

import pytest
from openpyxl import Workbook

from services.registry.importing import cells, workbook
from services.registry.importing.columns import read
from services.registry.importing.report import SHOWN_MAX, Report
from tests.registry.files import (
    CELL,
    DISTRICT,
    HUNG,
    LAN,
    MEMBERS,
    PROVINCE,
    as_csv,
    as_xlsx,
    changed,
    repacked,
)


def problems(body):
    """Return what is wrong with a file: row, column, rule."""
    report = Report()
    read(body, report)
    return [(one.row, one.column, one.rule) for one in report.problems]


def lines(body):
    """Return the rows of a file in which nothing is wrong."""
    report = Report()
    table = read(body, report)
    assert table is not None
    assert [] == report.problems
    return table.lines


# -- What is read


def test_a_csv_file_of_members_is_read():
    [lan, hung] = lines(as_csv(LAN, HUNG))

    assert (2, "M-0042", "CSDL3:42") == (lan.row, lan.code, lan.command.external_id)
    assert ("31-QĐ/HU", "2024-11-04") == (lan.command.decision.number, str(lan.command.decision.date))
    assert None is hung.command.external_id


def test_a_csv_file_of_organizations_is_read_and_told_from_members_by_its_header():
    [province, _, cell] = lines(as_csv(PROVINCE, DISTRICT, CELL))

    assert ("LAI-CHAU", None, None) == (province.code, province.command.parent, province.command.decision)
    assert ("DC-77", "AGENCY") == (cell.command.external_id, cell.command.sector)


def test_a_workbook_says_the_same_as_a_csv_file():
    assert [one.cells for one in lines(as_csv(LAN, HUNG))] == [one.cells for one in lines(as_xlsx(LAN, HUNG))]


def test_a_byte_order_mark_is_no_part_of_the_first_column():
    assert ["M-0042"] == [one.code for one in lines(b"\xef\xbb\xbf" + as_csv(LAN))]


def test_empty_rows_are_passed_over_and_counted_as_a_spreadsheet_counts():
    assert [2, 5] == [one.row for one in lines(as_csv(LAN, [], [""] * 9, HUNG))]
    assert [2, 4] == [one.row for one in lines(as_xlsx(LAN, [""], HUNG))]


def test_a_letter_has_one_form():
    decomposed = changed(LAN, name="Nguye\u0302\u0303n Thi\u0323 Lan")

    assert ["Nguyễn Thị Lan"] == [one.command.name for one in lines(as_csv(decomposed))]


def test_a_date_cell_of_a_workbook_is_a_day():
    from datetime import date, datetime

    row = changed(LAN, ceremony_on=date(2024, 11, 20), born_on=datetime(1990, 5, 31))

    assert [tuple(LAN)] == [one.cells for one in lines(as_xlsx(row))]


def test_columns_may_come_in_any_order_and_those_not_needed_may_be_missing():
    body = as_csv(
        [CELL[5], CELL[0], CELL[1], CELL[2], CELL[3]],
        header=["Founded_On ", "organization", "name", "kind", "parent"],
    )

    assert ["TU-C-001"] == [one.code for one in lines(body)]


# -- The file


def test_an_empty_file_is_refused():
    assert [(None, None, "EmptyFile")] == problems(b"")
    assert [(None, None, "EmptyFile")] == problems(b"\xef\xbb\xbf\r\n\r\n")


def test_a_header_alone_is_refused():
    assert [(None, None, "EmptyFile")] == problems(as_csv(header=MEMBERS))


def test_utf_16_is_refused():
    assert [(1, None, "NotUtf8")] == problems(as_csv(LAN).decode().encode("utf-16"))


def test_each_row_in_another_encoding_is_named():
    mixed = as_csv(LAN, HUNG, LAN).split(b"\r\n")
    mixed[1] = mixed[1].decode().replace("ễ", "é").encode("cp1252", errors="replace")
    mixed[3] = mixed[3].decode().encode("utf-8") + b"\xff"

    assert [(2, None, "NotUtf8"), (4, None, "NotUtf8")] == problems(b"\r\n".join(mixed))


def test_a_quote_that_does_not_end_is_refused():
    assert [(2, None, "BrokenQuotes")] == problems(as_csv(LAN) + b'"M-0043,TU-C-001\r\n')


def test_more_rows_than_the_bound_are_refused_at_the_row_beyond_it():
    many = as_csv(LAN) + b"M-1\r\n" * cells.ROWS_MAX

    assert (cells.ROWS_MAX + 2, None, "TooManyRows") == problems(many)[0]


def test_a_million_rows_are_refused():
    assert (cells.ROWS_MAX + 2, None, "TooManyRows") == problems(as_csv(LAN) + b"M-1\r\n" * 1_000_000)[0]


def test_not_more_problems_are_kept_than_the_bound_and_all_are_counted():
    report = Report()
    read(as_csv(LAN) + b"M-1\r\n" * 3_000, report)

    assert SHOWN_MAX == len(report.problems)
    assert report.problems_total >= 3_000


# -- The header


def test_a_missing_column_is_named():
    assert [(1, "standing", "MissingColumn")] == problems(
        as_csv(LAN[:5], header=[c for c in MEMBERS[:6] if c != "standing"])
    )


def test_every_fault_of_a_header_is_told():
    header = [
        "member",
        "organization",
        "organization",
        "decison_number",
        "decision_date",
        "ceremony_on",
        "standing",
    ]

    assert [
        (1, "organization", "ColumnTwice"),
        (1, None, "UnknownColumn"),
        (1, "decision_number", "MissingColumn"),
    ] == problems(as_csv(LAN[:7], header=header))


def test_a_file_separated_by_semicolons_is_told_so():
    report = Report()
    read(as_csv(LAN).replace(b",", b";"), report)

    assert "separated by commas" in report.problems[-1].detail


def test_a_row_longer_than_the_header_is_refused():
    assert [(2, None, "WrongLength")] == problems(as_csv([*LAN, "one more"]))


# -- A cell


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", " =", "＝"])
def test_a_cell_that_a_spreadsheet_would_run_is_refused(begins):
    bad = changed(LAN, name=f"{begins}HYPERLINK(1)")

    assert [(2, "name", "FormulaInCell")] == problems(as_csv(bad))
    assert [(2, "name", "FormulaInCell")] == problems(as_xlsx(bad))


@pytest.mark.parametrize(
    "spelt", ["20/11/2024", "2024-11-20T00:00:00", "20-11-2024", "2024/11/20", "Nov 20, 2024"]
)
def test_a_day_in_another_spelling_is_refused(spelt):
    assert [(2, "ceremony_on", "NotADay")] == problems(as_csv(changed(LAN, ceremony_on=spelt)))


def test_a_day_that_is_in_no_calendar_is_refused():
    assert [(2, "ceremony_on", "Malformed")] == problems(as_csv(changed(LAN, ceremony_on="2024-02-30")))


def test_what_a_spreadsheet_made_of_a_text_is_refused():
    from datetime import date, datetime

    row = changed(LAN, decision_number=date(2024, 11, 1), ceremony_on=datetime(2024, 11, 20, 8), name=1.5)

    assert [
        (2, "decision_number", "NotText"),
        (2, "ceremony_on", "NotADay"),
        (2, "name", "NotText"),
    ] == problems(as_xlsx(row))


def test_a_letter_that_was_lost_before_is_refused():
    assert [(2, "name", "LostCharacters")] == problems(as_csv(changed(LAN, name="Nguy\ufffdn")))


def test_every_malformed_cell_of_a_row_is_told():
    bad = changed(LAN, member="M-0 42", standing="HONORARY", decision_number="")

    assert {
        (2, "member", "Malformed"),
        (2, "standing", "Malformed"),
        (2, "decision_number", "Malformed"),
    } == set(problems(as_csv(bad)))


def test_no_problem_repeats_a_cell():
    report = Report()
    read(
        as_csv(changed(LAN, standing="Lan", born_on="Lan", external_id="Lan !"), changed(LAN, member="Lan")),
        report,
    )

    assert 2 == len({one.row for one in report.problems})
    assert [] == [one for one in report.problems if "Lan" in one.model_dump_json()]


# -- Workbooks


def test_a_formula_of_a_workbook_is_refused():
    assert [(2, "decision_number", "FormulaInCell")] == problems(
        as_xlsx(changed(LAN, decision_number="=1+1"))
    )


def test_merged_cells_are_refused():
    assert [(None, None, "MergedCells")] == problems(
        as_xlsx(LAN, HUNG, touch=lambda sheet: sheet.merge_cells("B2:B3"))
    )


def test_two_sheets_are_refused():
    assert [(None, None, "OneSheet")] == problems(
        as_xlsx(LAN, touch=lambda sheet: sheet.parent.create_sheet("hidden"))
    )


@pytest.mark.parametrize(
    "body",
    [
        as_xlsx(LAN)[:3_000],
        b"PK\x03\x04 and no more",
        b"\xd0\xcf\x11\xe0 an old workbook, or one with a password",
        repacked(as_xlsx(LAN), "xl/workbook.xml", b"<broken"),
        repacked(as_xlsx(LAN), "xl/worksheets/sheet1.xml", b"<broken"),
        repacked(as_xlsx(LAN), "[Content_Types].xml", b"<Types/>"),
    ],
)
def test_a_damaged_workbook_is_refused(body):
    [(_, _, rule)] = problems(body)

    assert "NotAWorkbook" == rule


def test_a_workbook_that_unpacks_to_too_much_is_refused_unread():
    bomb = repacked(as_xlsx(LAN), "xl/sharedStrings.xml", bytes(workbook.INFLATED_MAX))

    assert len(bomb) < 200_000
    assert [(None, None, "InflatesTooFar")] == problems(bomb)


def test_a_workbook_with_a_large_part_beside_its_cells_is_refused():
    assert [(None, None, "InflatesTooFar")] == problems(
        repacked(as_xlsx(LAN), "xl/styles.xml", bytes(workbook.PART_MAX + 1))
    )


def test_an_entity_that_grows_is_refused():
    laughs = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 12))
    sheet = (
        b'<!DOCTYPE x [<!ENTITY l0 "ha">' + laughs + b"]><worksheet><sheetData>&l11;</sheetData></worksheet>"
    )

    assert ["NotAWorkbook"] == [
        rule for _, _, rule in problems(repacked(as_xlsx(LAN), "xl/worksheets/sheet1.xml", sheet))
    ]


def test_a_row_far_down_is_read_too():
    far = as_xlsx(LAN, touch=lambda sheet: sheet.cell(row=1_000_000, column=1, value="M-0099"))

    assert {1_000_000} == {row for row, _, _ in problems(far)}


def test_a_cell_far_to_the_right_is_refused():
    far = as_xlsx(LAN, touch=lambda sheet: sheet.cell(row=2, column=16_384, value="M-0099"))

    assert [(2, None, "WrongLength")] == problems(far)


@pytest.mark.parametrize("row", ["99999999999", "0", "-5", "x"])
def test_a_row_that_cannot_be_ends_the_reading(row):
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rows = f'<row r="{row}"><c r="A{row}"><v>1</v></c></row>'
    sheet = f'<worksheet xmlns="{space}"><sheetData>{rows}</sheetData></worksheet>'

    assert [] != problems(repacked(as_xlsx(LAN), "xl/worksheets/sheet1.xml", sheet.encode()))


def test_a_workbook_without_cells_is_refused():
    import io

    out = io.BytesIO()
    Workbook().save(out)

    assert [(None, None, "EmptyFile")] == problems(out.getvalue())
