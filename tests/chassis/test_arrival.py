"""Reading what districts send: the digest of an event is for ever, however fast it is made."""

import json
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.districts.arrival import _parsed, read
from tests.chassis.districts import founding


def of_old(body):
    """Return the document and the content digested since the first release, or nothing if it is no JSON."""
    try:
        document = json.loads(body, parse_constant=int)
        content = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return document, content.encode()
    except (ValueError, RecursionError):
        return None


def now(body):
    try:
        return _parsed(body)
    except (ValueError, RecursionError):
        return None


TEXTS = st.text(st.characters(codec="utf-8"))
NUMBERS = st.integers() | st.integers(-(10**40), 10**40) | st.floats(allow_nan=False, allow_infinity=False)
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
    max_leaves=20,
)


@given(DOCUMENTS, st.booleans(), st.sampled_from([None, 1]))
def test_every_document_has_the_content_it_always_had(document, ascii, indent):
    body = json.dumps(document, ensure_ascii=ascii, indent=indent).encode()

    assert of_old(body) == now(body)


@given(DOCUMENTS, st.data())
def test_what_is_cut_or_garbled_is_read_or_refused_as_it_always_was(document, data):
    body = bytearray(json.dumps(document, ensure_ascii=data.draw(st.booleans())).encode())
    for _ in range(data.draw(st.integers(1, 3))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))

    assert of_old(bytes(body)) == now(bytes(body))


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": 1, "a": 2}',
        b'{"a": 1e2}',
        b'{"a": -0}',
        b'{"a": 1.0, "b": 1}',
        b'"\\ud83d\\ude00 \\u0000 \\u007f \\u2028"',
        b'"\\ud83d"',
        b"[123456789012345678901234567890]",
        '"chi bộ"'.encode("utf-16"),
        b'\xef\xbb\xbf"bom"',
        b'"\x01"',
        b'"\xff"',
        b"NaN",
        b"[" * 5000,
    ],
)
def test_odd_spellings_have_the_content_they_always_had(body):
    assert of_old(body) == now(body)


def test_the_digest_of_a_stored_event_has_not_changed():
    event = read("THAN-UYEN", "OrganizationFounded", json.dumps(founding("e-1", "TU-C-009")).encode())
    spelt = json.dumps(founding("e-1", "TU-C-009"), sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    assert sha256(spelt.encode()).digest() == event.entry.digest
