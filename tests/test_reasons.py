"""Every reason for which a district's event may be rejected is said in a clerk's words."""

import importlib
import inspect
import json
import pkgutil

import pytest
from pydantic import ValidationError

from contracts.assessment import MeetingHeld
from contracts.catalogue import INTAKE_OWNERS
from contracts.reasons import FIELDS, FILE, REASONS, said
from services.chassis.districts import arrival
from services.chassis.districts.batch import KNOWN
from services.chassis.districts.deciding import IdReused
from services.chassis.edge.rights import NotYours
from services.chassis.errors import AlreadyDone, NotYetKnown, Refused, Shifted, UnknownOrganization

AT_THE_DOOR = {*KNOWN, NotYetKnown, UnknownOrganization, AlreadyDone, Shifted, IdReused, NotYours} - {Refused}


def refusals(module):
    """Return the refusals that are defined in a module."""
    defined = vars(importlib.import_module(module)).values()
    return {
        kind.__name__
        for kind in defined
        if inspect.isclass(kind) and issubclass(kind, KNOWN) and kind.__module__ == module
    }


def refusals_of(owner):
    """Return those of an owner's decisions; what is wrong with a file to import no district is told."""
    package = importlib.import_module(f"services.{owner}")
    modules = [found.name for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")]
    return set().union(*(refusals(name) for name in modules if ".importing" not in name and "__" not in name))


DOOR = {kind.__name__ for kind in AT_THE_DOOR} | refusals(arrival.__name__) | {"Defect"}


@pytest.mark.parametrize("owner", INTAKE_OWNERS)
def test_every_refusal_is_said_in_both_languages(owner):
    assert [] == [reason for reason in sorted(refusals_of(owner) | DOOR) if said(owner, reason) is None]


def test_nothing_is_said_that_nobody_refuses():
    raised = {owner: refusals_of(owner) for owner in INTAKE_OWNERS}
    anywhere = DOOR.union(*raised.values())
    idle = [
        reason
        for reason in REASONS
        for owner, _, name in [reason.rpartition(".")]
        if name not in (raised[owner] if owner else anywhere)
    ]

    assert [] == idle


def test_a_sentence_begins_large_and_ends_with_a_stop():
    told = [sentence for one in REASONS.values() for sentence in (one.vi, one.en)]

    assert [] == [sentence for sentence in told if not sentence[0].isupper() or sentence[-1] != "."]


def test_a_reason_stands_in_the_file_once():
    pairs = json.loads(FILE.read_text("utf-8"), object_pairs_hook=list)

    assert [REASONS.keys(), FIELDS.keys()] == [{name for name, _ in part} for _, part in pairs]
    assert [len(REASONS), len(FIELDS)] == [len(part) for _, part in pairs]


def test_two_services_say_one_name_each_in_its_words():
    assert said("assessment", "NotACell") != said("registry", "NotACell")


def test_what_is_wrong_with_a_field_is_said_beside_its_name():
    with pytest.raises(ValidationError) as broken:
        MeetingHeld.model_validate({"organization": "c 1", "held_at": "yesterday"})
    told = said("assessment", "BreaksContract", arrival.wrong(broken.value))

    assert "organization ghi chưa đúng mẫu" in told.vi
    assert "organization is not written as it should be" in told.en


def test_what_a_sender_wrote_into_a_field_is_never_repeated():
    with pytest.raises(ValidationError) as broken:
        MeetingHeld.model_validate({"organization": "Nguyễn Văn An"})

    assert "An" not in said("assessment", "BreaksContract", arrival.wrong(broken.value)).en.split()
