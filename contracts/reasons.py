"""Every reason for a rejection in a clerk's words, in Vietnamese and English.

`reasons.json` is data for any software: under `reasons` a sentence for each reason, under `fields` one for
each way in which a field can be wrong. Where services refuse under one name for different reasons, each has
its own (`assessment.NotACell`).
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from contracts.receipt import Said

FILE = Path(__file__).parent / "reasons.json"
FIELDS_MAX = 5
"""Fields told of one event: who mends those sees the rest by checking it again."""

WORDS_MAX = 200
"""Signs of a field's name: who sends makes it up."""


def _read(part: str) -> Mapping[str, Said]:
    return {name: Said(**said) for name, said in json.loads(FILE.read_text("utf-8"))[part].items()}


REASONS = _read("reasons")
FIELDS = _read("fields")


def said(service: str, reason: str, wrong: Sequence[Mapping[str, Any]] = ()) -> Said | None:
    """Return why `service` refused, with what is wrong with which field (pydantic's errors), or None.

    None is for a reason that has no words yet; a test keeps that from happening.
    """
    why = REASONS.get(f"{service}.{reason}") or REASONS.get(reason)
    if why is None or not wrong:
        return why
    return Said(vi=f"{why.vi} {_fields(wrong, 'vi')}", en=f"{why.en} {_fields(wrong, 'en')}")


def _fields(wrong: Sequence[Mapping[str, Any]], language: Literal["vi", "en"]) -> str:
    told = []
    for error in wrong[:FIELDS_MAX]:
        name = ".".join(map(str, error["loc"])) or "event"
        told.append(f"{name[:WORDS_MAX]} {getattr(_word(error['type']), language)}")
    return "; ".join(told) + "."


def _word(kind: str) -> Said:
    """Return the words for an error of pydantic's: `date_from_datetime_parsing` is one of a `date`."""
    return FIELDS.get(kind) or FIELDS.get(kind.partition("_")[0]) or FIELDS["other"]
