"""What a fact is stored as: the library's own JSON, to the byte, so that its tools go on reading it."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum

import pytest
from eventsourcing.persistence import (
    DatetimeAsISO,
    DecimalAsStr,
    JSONTranscoder,
    TranscodingNotRegisteredError,
)

from services.chassis.eventlog.transcoder import Transcoder


class Level(StrEnum):
    GOOD = "GOOD"


OURS, THEIRS = Transcoder(), JSONTranscoder()
THEIRS.register(DatetimeAsISO())
THEIRS.register(DecimalAsStr())

STATES = [
    {},
    {"name": 'Chi bộ Biểu Nghị "hai" \\ / \t \n \x01 \x7f 🙂', "empty": "", "none": None},
    {"yes": True, "no": False, "zero": 0, "negative": -5, "large": 2**62},
    {
        "at": datetime(2024, 11, 5, 2, 30, 1, 7, UTC),
        "there": datetime(2024, 1, 1, tzinfo=timezone(timedelta(hours=7))),
    },
    {
        "score": Decimal("104.550"),
        "nested": {"deep": [{"at": datetime(2024, 1, 1, tzinfo=UTC)}, [Decimal(0)]]},
    },
    {"level": Level.GOOD, "pair": ("a", "b"), "list": [], "dict": {"_type_": "of a good"}},
    {"_type_": "neither", "other": 1},
]


@pytest.mark.parametrize("state", STATES)
def test_the_bytes_are_the_librarys(state):
    assert THEIRS.encode(state) == OURS.encode(state)


@pytest.mark.parametrize("state", STATES)
def test_each_reads_what_the_other_wrote(state):
    assert THEIRS.decode(OURS.encode(state)) == OURS.decode(THEIRS.encode(state))


@pytest.mark.parametrize("value", [date(2024, 1, 1), {1, 2}, b"bytes", object()])
def test_what_has_no_place_in_a_fact_is_refused(value):
    with pytest.raises(TranscodingNotRegisteredError):
        OURS.encode({"value": value})


def test_a_type_that_nobody_knows_is_refused_when_read():
    with pytest.raises(TranscodingNotRegisteredError):
        OURS.decode(b'{"at": {"_type_": "moon", "_data_": "full"}}')
