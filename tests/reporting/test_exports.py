"""Lists as files: whole, defused, and no larger in memory than a page; a workbook by a process of its own."""

import csv
import tracemalloc
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import BytesIO, StringIO

import openpyxl
import pytest

from services.chassis.errors import Overloaded
from services.reporting.lists.export import (
    AT_ONCE,
    PAGE,
    WORKBOOKS_MAX,
    Workbooks,
    as_csv,
    defused,
    pages_of,
    rows_of,
)
from services.reporting.lists.members import MemberListed, MembersAsked, list_members
from tests.reporting.story import admitted
from tests.reporting.test_api import LISTS, api, refused, views  # noqa: F401 - fixtures
from tests.reporting.test_roster import tell

pytestmark = pytest.mark.anyio


@dataclass(frozen=True)
class Row:
    """What a list could hold."""

    code: str
    name: str
    on: date | None
    share: Decimal


COLUMNS = ("code", "name", "on", "share")
ROWS = [
    Row("C-1", "=HYPERLINK(1)", date(2024, 3, 1), Decimal("75.5")),
    Row("C-2", 'Chi bộ "Hai", thôn 2', None, Decimal(-3)),
]


async def pages(*rows, size=1):
    for start in range(0, max(len(rows), 1), size):
        yield rows[start : start + size]


async def whole(body):
    return b"".join([part async for part in body])


@pytest.mark.parametrize("words", ["=1+1", "+1", "-1", "@A1", "\t=1", "\r=1"])
def test_words_that_could_be_computed_are_marked_as_words(words):
    assert f"'{words}" == defused(words)


@pytest.mark.parametrize("value", ["C-1", "Chi bộ =1", "", None, -1, Decimal("-1.5"), date(2024, 1, 1)])
def test_everything_else_stands_in_its_cell_as_it_is(value):
    assert value is defused(value)


async def test_a_csv_file_names_its_columns_and_is_marked_as_utf_8():
    file = await whole(as_csv(COLUMNS, rows_of(pages(*ROWS))))

    assert [
        ["code", "name", "on", "share"],
        ["C-1", "'=HYPERLINK(1)", "2024-03-01", "75.5"],
        ["C-2", 'Chi bộ "Hai", thôn 2', "", "-3"],
    ] == list(csv.reader(StringIO(file.decode("utf-8-sig"))))


async def test_a_workbook_holds_words_and_no_formula():
    file = await whole(Workbooks().write(COLUMNS, rows_of(pages(*ROWS))))

    sheet = openpyxl.load_workbook(BytesIO(file)).active
    assert ("s", "=HYPERLINK(1)") == (sheet["B2"].data_type, sheet["B2"].value)
    assert [("code", "name", "on", "share"), ("C-2", 'Chi bộ "Hai", thôn 2', None, -3)] == [
        tuple(cell.value for cell in row) for number, row in enumerate(sheet.rows) if number != 1
    ]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_a_list_without_rows_is_a_file_with_the_names_of_its_columns(kind):
    write = {"csv": as_csv, "xlsx": Workbooks().write}[kind]

    assert await whole(write(COLUMNS, rows_of(pages())))


async def test_only_so_many_workbooks_are_written_at_once_and_the_next_once_one_is_done():
    workbooks = Workbooks()
    writing = [workbooks.write(COLUMNS, rows_of(pages(*ROWS))) for _ in range(WORKBOOKS_MAX)]
    assert [b"", b""] == [await anext(one) for one in writing]

    with pytest.raises(Overloaded):
        await anext(workbooks.write(COLUMNS, rows_of(pages(*ROWS))))

    await writing[0].aclose()
    assert WORKBOOKS_MAX - 1 == workbooks.bound.used()
    assert await whole(workbooks.write(COLUMNS, rows_of(pages(*ROWS))))


async def test_a_workbook_that_breaks_off_makes_room_for_the_next():
    async def broken():
        yield ROWS
        raise ConnectionError

    workbooks = Workbooks()
    with pytest.raises(ConnectionError):
        await whole(workbooks.write(COLUMNS, rows_of(broken())))

    assert 0 == workbooks.bound.used()


async def test_a_hundred_thousand_rows_take_no_more_memory_than_a_page():
    async def many():
        for page in range(100_000 // PAGE):
            yield [Row(f"C-{page}-{number}", "Chi bộ", None, Decimal(1)) for number in range(PAGE)]

    tracemalloc.start()
    size = 0
    async for part in as_csv(COLUMNS, rows_of(many())):
        size += len(part)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert size > 2_000_000
    assert peak < 4_000_000


async def test_a_file_holds_the_whole_list_however_small_a_page_is(roster, monkeypatch):
    monkeypatch.setattr("services.reporting.lists.export.PAGE", 3)
    await tell(roster, *(admitted(f"M-{one:02}", "C-1", date(2024, 1, 1)) for one in range(10)))

    async def ask(asked):
        return await list_members(roster, "P-1", date(2024, 12, 31), asked)

    found = [one async for page in pages_of(ask, MembersAsked(order="desc")) for one in page]

    assert [f"M-{one:02}" for one in range(9, -1, -1)] == [one.member for one in found]


@pytest.mark.parametrize("name", LISTS)
async def test_every_list_is_had_as_a_file_named_after_what_it_holds(api, name):  # noqa: F811 - the fixture
    answer = await api.get(f"/organizations/D-1/{name}", params={"format": "csv", "as_of": "2024-12-31"})

    assert (200, "text/csv; charset=utf-8") == (answer.status_code, answer.headers["content-type"])
    assert f'attachment; filename="{name}-D-1-2024-12-31.csv"' == answer.headers["content-disposition"]
    assert answer.content.startswith(b"\xef\xbb\xbf")


async def test_a_workbook_is_had_over_http(api):  # noqa: F811 - the fixture
    answer = await api.get("/organizations/D-1/members", params={"format": "xlsx", "sort": "admitted_on"})

    [head, lan] = openpyxl.load_workbook(BytesIO(answer.content)).active.values
    assert list(MemberListed.__dataclass_fields__) == list(head)
    assert ("M-1", "C-1") == lan[:2]


async def test_a_file_is_refused_like_a_page_before_it_begins(api):  # noqa: F811 - the fixture
    assert (422, "Unprocessable") == await refused(
        api, "/organizations/D-1/members", format="csv", cursor="none-of-ours"
    )
    assert (422, "Unprocessable") == await refused(api, "/organizations/D-1/members", format="pdf")


# -- Names


async def test_members_are_named_a_few_at_a_time_beside_their_codes():
    asked = []

    async def naming(codes):
        asked.append(len(codes))
        return {"M-0": "[erased]", "M-200": "=Hạnh"}

    members = [Row(f"M-{one}", "", None, Decimal(1)) for one in range(AT_ONCE + 1)]
    file = await whole(as_csv(COLUMNS, rows_of(pages(*members, size=1_000), naming)))

    found = [line[:2] for line in csv.reader(StringIO(file.decode("utf-8-sig")))][1:]
    assert [["M-0", "[erased]"], ["M-1", ""], ["M-200", "'=Hạnh"]] == [found[0], found[1], found[200]]
    assert [AT_ONCE, 1] == asked


async def test_a_page_of_codes_names_nobody(api):  # noqa: F811 - the fixture
    answer = await api.get("/organizations/D-1/members", params={"names": "CONTACT"})

    assert 422 == answer.status_code


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_while_the_registry_is_away_no_file_with_names_begins(api, kind):  # noqa: F811 - the fixture
    asked = {"names": "CONTACT", "format": kind, "as_of": "2024-12-31"}
    answer = await api.get("/organizations/D-1/members", params=asked)

    assert 503 == answer.status_code
