"""Our readers' envelope is the contract's, in a faster shape: neither may move away from the other."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from contracts.message import Message
from services.chassis.delivery import UNREADABLE, Envelope, delivery_of, envelope_in
from tests.chassis.story import founded
from tests.telling import altered, delivered

EXAMPLES = sorted((Path(__file__).parents[2] / "contracts" / "examples").rglob("*.json"))
MESSAGE = founded("A1", sequence=1, previous=0).model_copy(
    update={"recordedtime": datetime(2024, 11, 5, 2, 30, 0, 120, UTC)}
)


def test_an_envelope_has_the_attributes_of_a_message_in_their_order():
    assert tuple(Message.model_fields) == Envelope.__struct_encode_fields__


def test_a_message_reads_back_as_it_was():
    envelope = envelope_in(MESSAGE.model_dump_json().encode())

    assert dict(MESSAGE) == {name: getattr(envelope, name) for name in Message.model_fields}


def test_an_envelope_is_published_byte_for_byte_as_a_message_is():
    published = MESSAGE.model_dump_json().encode()

    assert published == envelope_in(published).encode()


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_message_ever_published_is_read_as_the_contract_reads_it(path):
    raw = path.read_bytes()

    assert Message.model_validate_json(raw) == Message.model_validate_json(envelope_in(raw).encode())
    assert delivery_of(raw).event is not None


def test_the_event_of_a_type_not_known_yet_is_none():
    assert altered(delivered(MESSAGE), type="registry.OrganizationPraised.v1").event is None


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        b'{"data": \xff}',
        MESSAGE.model_dump_json().encode().replace(b"A1", b"\xff"),
        MESSAGE.model_copy(update={"sequence": 0}).model_dump_json().encode(),
        MESSAGE.model_copy(update={"previous": -1}).model_dump_json().encode(),
        MESSAGE.model_copy(update={"time": datetime(2024, 1, 1)}).model_dump_json().encode(),
    ],
)
def test_what_is_no_envelope_of_ours_cannot_be_read(raw):
    with pytest.raises(UNREADABLE):
        envelope_in(raw)
