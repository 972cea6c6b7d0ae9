"""The page of districts: a row for each stream, and what it lacks in a few signs."""

from services.reporting.console.districts import MONTHS_SHOWN_MAX, RANGES_SHOWN_MAX, ranges, rows


def stream(source, **told):
    return {"source": source, "last": 3, "received": 3, "missing": [], "months": []} | told


def answer(district, service, *streams):
    return {"district": district, "service": service, "streams": list(streams)}


def test_streams_stand_together_by_district_whichever_service_told_of_them():
    told = [
        answer("THAN-UYEN", "registry", stream("urn:b"), stream("urn:a")),
        answer("TAM-KY", "registry", stream("urn:c")),
        answer("THAN-UYEN", "assessment", stream("urn:a")),
    ]

    assert [
        ("TAM-KY", "registry", "urn:c"),
        ("THAN-UYEN", "assessment", "urn:a"),
        ("THAN-UYEN", "registry", "urn:a"),
        ("THAN-UYEN", "registry", "urn:b"),
    ] == [(row["district"], row["service"], row["source"]) for row in rows(told)]


def test_a_district_that_was_never_heard_has_no_instant():
    [never, once] = rows(
        [answer("TAM-KY", "registry", stream("a"), stream("b", heard_at="2024-12-02T01:00:00Z"))]
    )

    assert (None, 2024) == (never["heard_at"], once["heard_at"].year)


def test_the_newest_months_are_shown():
    months = [{"period": f"2024-{month:02}", "state": "open"} for month in range(12, 0, -1)]
    [row] = rows([answer("TAM-KY", "registry", stream("a", months=months))])

    assert months[:MONTHS_SHOWN_MAX] == row["months"]


def test_ranges_are_written_as_people_write_them():
    many = [[number, number] for number in range(1, 40, 2)]

    assert "120-122, 300" == ranges([[120, 122], [300, 300]])
    assert "" == ranges([])
    assert (RANGES_SHOWN_MAX, True) == (ranges(many).count(","), ranges(many).endswith(", …"))
