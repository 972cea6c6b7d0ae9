"""The console's texts: whatever a page may say, both languages can."""

import re
from itertools import chain
from pathlib import Path
from string import Formatter

import pytest

from contracts.catalogue import CATALOGUE
from contracts.reasons import REASONS
from contracts.registry import (
    EndReason,
    OrganizationKind,
    Position,
    ReliefCause,
    Standing,
    TargetMeasure,
    TransferKind,
)
from services.reporting.console import texts

CONSOLE = Path(texts.__file__).parent
WORDS = {
    "ended": EndReason,
    "kind": OrganizationKind,
    "measure": TargetMeasure,
    "position": Position,
    "relief": ReliefCause,
    "standing": Standing,
    "transfer": TransferKind,
}


def sentences(language):
    return texts.load(language).sentences


def blanks(said):
    return {name for _, name, _, _ in Formatter().parse(said) if name}


def test_both_languages_have_the_same_sentences():
    assert sentences("vi").keys() == sentences("en").keys()


def test_both_languages_fill_in_the_same_blanks():
    english = sentences("en")

    assert [] == [key for key, said in sentences("vi").items() if blanks(said) != blanks(english[key])]


def test_a_sentence_stands_in_one_file_only():
    keys = [
        re.findall(r'^  "([^"]+)":', path.read_text(), re.MULTILINE)
        for path in (CONSOLE / "texts").glob("en.*.json")
    ]

    told = {f"refusal.{reason}" for reason in REASONS}
    own = list(chain(*keys))
    assert sorted({*own}) == sorted(own)
    assert {"refusal.Malformed", "refusal.Forbidden"} == told & {*own}, "of a file or a form, not of an event"


def test_every_sentence_that_a_page_names_exists():
    files = [*CONSOLE.rglob("*.py"), *CONSOLE.glob("templates/*.html")]
    named = {
        key
        for path in files
        for key in re.findall(r'\bt(?:exts)?\(\s*[\'"]([a-z_.\d-]*[a-z\d])[\'"]', path.read_text())
    }

    assert len(named) > 100
    assert set() == named - sentences("en").keys()


@pytest.mark.parametrize("type", CATALOGUE)
def test_every_event_has_a_name(type):
    assert f"event.{type.split('.')[1]}" in sentences("en")


@pytest.mark.parametrize("family", WORDS)
def test_every_code_of_the_registry_has_a_word(family):
    assert set() == {f"{family}.{code}" for code in WORDS[family].__args__} - sentences("en").keys()
