"""The HTTP edge: each failure is a problem document that says what, why and by which rule."""

import json

import httpx
import pytest
from fastapi import Body
from nats.errors import ConnectionClosedError
from psycopg import OperationalError
from psycopg_pool import PoolTimeout
from pydantic import BaseModel, Field
from starlette.datastructures import Headers
from starlette.requests import Request

from services.chassis.delivery import NotYetRead
from services.chassis.edge.after import After, Reading
from services.chassis.edge.door import BODY_MAX, Inside
from services.chassis.edge.http import Asking, create_api
from services.chassis.errors import (
    Conflict,
    Forbidden,
    NotFound,
    NotYetKnown,
    Overloaded,
    Refused,
    Unauthenticated,
    plainly,
)
from tests.chassis.marks import chain
from tests.edges import AUTH, bearer


class TooYoung(Refused):
    """294-QĐ/TW art. 1: admission from 18 to 60 years."""


class CellUnknown(NotYetKnown):
    """A member is admitted to a cell that was founded."""


RAISED = {
    "refused": TooYoung("17 years old"),
    "wordless": TooYoung(),
    "unknown-yet": CellUnknown("no cell C-9"),
    "conflict": Conflict("another writer was first"),
    "not-found": NotFound("no member M-9"),
    "forbidden": Forbidden("not beneath THAN-UYEN"),
    "unauthenticated": Unauthenticated("the token has expired"),
    "not-yet-read": NotYetRead("up to 1, not yet 9"),
    "overloaded": Overloaded("256 requests are in flight"),
    "no-database": OperationalError("connection refused by 10.0.0.7, user registry"),
    "no-connection": PoolTimeout("pool"),
    "no-bus": ConnectionClosedError(),
    "defect": ZeroDivisionError("a secret"),
}


class Command(BaseModel):
    """A body with two fields."""

    member: str = Field(pattern="^[A-Z]+$")
    age: int


@pytest.fixture
def waiting():
    """Return what the service is not ready for: tests fill it."""
    return {}


@pytest.fixture
async def http(waiting):
    async def ready():
        return waiting

    inside = Inside()
    inside.allow("/lamps/v1/file", 2 * BODY_MAX)
    api = create_api("lamps", "Lamps.", ready, inside)

    @api.get("/lamps/v1/raise/{name}")
    async def fail(name: str) -> None:
        raise RAISED[name]

    @api.post("/lamps/v1/commands", status_code=201)
    async def command(command: Command) -> Command:
        return command

    @api.post("/lamps/v1/size")
    async def size(body: bytes = Body(media_type="application/octet-stream")) -> int:
        return len(body)

    @api.get("/lamps/v1/positions")
    async def positions(after: Reading) -> list[tuple[str, int]]:
        return after.positions

    transport = httpx.ASGITransport(api, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://lamps") as client:
        yield client


async def problem(http, name):
    """Return status, and type, detail and rule of the problem that `name` is answered with."""
    answer = await http.get(f"/lamps/v1/raise/{name}")
    document = answer.json()
    assert "application/problem+json" == answer.headers["content-type"]
    assert answer.status_code == document["status"]
    return answer.status_code, document["type"].rpartition(":")[2], document["detail"], document.get("rule")


RULE = "294-QĐ/TW art. 1: admission from 18 to 60 years."


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("refused", (409, "TooYoung", "17 years old", RULE)),
        ("wordless", (409, "TooYoung", RULE, RULE)),
        (
            "unknown-yet",
            (409, "CellUnknown", "no cell C-9", "A member is admitted to a cell that was founded."),
        ),
        ("conflict", (409, "Conflict", "another writer was first", None)),
        ("not-found", (404, "NotFound", "no member M-9", None)),
        ("forbidden", (403, "Forbidden", "not beneath THAN-UYEN", None)),
        ("unauthenticated", (401, "Unauthenticated", "the token has expired", None)),
        ("not-yet-read", (503, "NotYetRead", "up to 1, not yet 9", None)),
        ("overloaded", (503, "Overloaded", "256 requests are in flight", None)),
    ],
)
async def test_each_failure_has_a_status_a_name_words_and_its_rule(http, name, expected):
    assert expected == await problem(http, name)


@pytest.mark.parametrize("name", ["no-database", "no-connection", "no-bus"])
async def test_what_is_away_is_said_without_its_address(http, name):
    status, kind, detail, _ = await problem(http, name)

    assert (503, "Unavailable") == (status, kind)
    assert "10.0.0.7" not in detail


async def test_a_defect_is_ours_and_its_words_stay_inside(http):
    assert (500, "Defect", "this is our mistake; it was logged", None) == await problem(http, "defect")


async def test_what_is_worth_trying_again_says_when(http):
    answers = [
        await http.get(f"/lamps/v1/raise/{name}") for name in ("not-yet-read", "no-database", "overloaded")
    ]

    assert ["1", "1", "1"] == [answer.headers["retry-after"] for answer in answers]


async def test_who_is_not_known_is_told_how_to_say_it(http):
    answer = await http.get("/lamps/v1/raise/unauthenticated")

    assert "Bearer" == answer.headers["www-authenticate"]


# -- Shapes


async def test_a_wrong_shape_names_each_field_without_repeating_it(http):
    answer = await http.post("/lamps/v1/commands", json={"member": "secret", "age": "old"})

    assert 422 == answer.status_code
    assert ["body.member", "body.age"] == [error["field"] for error in answer.json()["errors"]]
    assert "secret" not in answer.text


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null"])
async def test_what_is_no_such_object_is_a_wrong_shape(http, body):
    answer = await http.post("/lamps/v1/commands", content=body, headers={"content-type": "application/json"})

    assert (422, "urn:fourgood:problem:Unprocessable") == (answer.status_code, answer.json()["type"])


@pytest.mark.parametrize("body", [b"\xff", b"[" * 50_000])
async def test_what_cannot_even_be_decoded_is_a_bad_request(http, body):
    answer = await http.post("/lamps/v1/commands", content=body, headers={"content-type": "application/json"})

    assert (400, "urn:fourgood:problem:BadRequest") == (answer.status_code, answer.json()["type"])


async def test_a_body_as_large_as_allowed_is_read(http):
    answer = await http.post("/lamps/v1/size", content=json.dumps("x" * (BODY_MAX - 2)).encode())

    assert 413 != answer.status_code


async def test_a_file_may_have_more_where_that_was_agreed(http):
    whole = await http.post("/lamps/v1/file", content=b"x" * 2 * BODY_MAX)
    more = await http.post("/lamps/v1/file", content=b"x" * (2 * BODY_MAX + 1))

    assert (404, 413) == (whole.status_code, more.status_code)
    assert f"a body may have {2 * BODY_MAX} bytes" == more.json()["detail"]


async def test_a_body_that_says_it_is_too_large_is_refused(http):
    answer = await http.post("/lamps/v1/commands", content=b"x" * (BODY_MAX + 1))

    assert (413, "urn:fourgood:problem:ContentTooLarge") == (answer.status_code, answer.json()["type"])


async def test_a_body_that_turns_out_too_large_is_refused(http):
    async def chunks():
        for _ in range(11):
            yield b"x" * (BODY_MAX // 10)

    answer = await http.post(
        "/lamps/v1/commands", content=chunks(), headers={"content-type": "application/json"}
    )

    assert "content-length" not in answer.request.headers
    assert (413, "urn:fourgood:problem:ContentTooLarge") == (answer.status_code, answer.json()["type"])


async def test_a_route_there_is_not_is_a_problem_too(http):
    answer = await http.get("/lamps/v2/nothing")

    assert (404, "urn:fourgood:problem:NotFound", "application/problem+json") == (
        answer.status_code,
        answer.json()["type"],
        answer.headers["content-type"],
    )


async def test_a_method_there_is_not_is_told_which_there_are(http):
    answer = await http.delete("/lamps/v1/commands")

    assert (405, "urn:fourgood:problem:MethodNotAllowed", "POST") == (
        answer.status_code,
        answer.json()["type"],
        answer.headers["allow"],
    )


# -- Positions


async def test_positions_to_wait_for_may_be_given_more_than_once(http):
    answer = await http.get("/lamps/v1/positions?after=registry:12&after=assessment:7")

    assert [["registry", 12], ["assessment", 7]] == answer.json()


@pytest.mark.parametrize("after", ["registry", "registry:", ":1", "registry:-1", "REGISTRY:1", "a:1x", "a:"])
async def test_what_is_no_position_is_a_wrong_shape(http, after):
    answer = await http.get("/lamps/v1/positions", params={"after": after})

    assert 422 == answer.status_code
    assert ["query.after"] == [error["field"] for error in answer.json()["errors"]]


async def test_a_position_with_more_digits_than_the_log_can_count_is_a_wrong_shape(http):
    answer = await http.get("/lamps/v1/positions", params={"after": "registry:" + "9" * 19})

    assert 422 == answer.status_code


async def test_waiting_returns_when_every_view_has_read_so_far(marks):
    await marks.apply(chain("A1", "A2"))
    await After([("registry", 2)]).wait(marks)


# -- Health and origin


async def test_a_process_that_waits_is_alive_but_not_ready(http, waiting):
    waiting["nats"] = "not connected"

    assert 200 == (await http.get("/livez")).status_code
    answer = await http.get("/readyz")
    assert (503, {"status": "waiting", "waiting_for": {"nats": "not connected"}}) == (
        answer.status_code,
        answer.json(),
    )


async def test_a_process_that_waits_for_nothing_is_ready(http):
    assert 200 == (await http.get("/readyz")).status_code


def test_a_bound_that_is_a_day_is_told_as_a_day():
    said = {"msg": "Input should be greater than or equal to datetime.date(1930, 2, 3)"}
    assert "Input should be greater than or equal to 1930-02-03" == plainly(said)


async def asked_by(request_id=None, after=None):
    request = Request({"type": "http", "headers": Headers(bearer("officer")).raw})
    return await Asking(AUTH)(request, after, request_id)


async def test_the_origin_of_a_command_is_its_caller_and_the_request():
    why = (await asked_by("r-1")).why
    assert ("officer", "r-1", "http:r-1") == (why.actor, why.correlation, why.causation)


async def test_a_request_without_a_name_is_given_one():
    assert (await asked_by()).why.correlation != (await asked_by()).why.correlation


async def test_a_command_says_who_asks_and_what_must_be_read_before():
    asked = await asked_by(after=["registry:12", "assessment:3"])
    assert ("officer", [("registry", 12), ("assessment", 3)]) == (asked.by.subject, asked.after.positions)
