"""Forms of every command a service has: each has its words in both languages, and its roles its links."""

import re
from datetime import date
from urllib.parse import parse_qs

import pytest

from services.chassis.edge.auth import Caller
from services.chassis.errors import NotFound
from services.chassis.views.tree import Node
from services.reporting.console.commands import offers_of_cells as cells
from services.reporting.console.commands.fields import Unshown
from services.reporting.console.commands.offered import CODE, Answer, command_at, commands_of
from services.reporting.console.commands.offers import of_member, of_organization
from services.reporting.console.commands.words import FAMILIES, label, words_of
from services.reporting.console.services import Services
from services.reporting.console.texts import LANGUAGES, load
from services.reporting.views import Obligation
from services.reporting.views.life import Life, Release, Stay
from tests.test_architecture import ROOT
from tests.test_limits import create

REGISTRY = create("registry").api.openapi()
ASSESSMENT = create("assessment").api.openapi()
DOCUMENTS = {"registry": REGISTRY, "assessment": ASSESSMENT}
COMMANDS = {
    one.name: one for service, document in DOCUMENTS.items() for one in commands_of(service, document)
}
SERVICES = Services({"registry": "http://registry.example", "assessment": "http://assessment.example"})


def walk(fields):
    for one in fields:
        yield one
        yield from walk(one.parts)


def fields_of(command):
    return walk([*command.asked, *command.fields])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_name_and_says_what_it_does(name, language):
    said = load(language).sentences

    assert {f"do.{name}", f"lead.{name}"} <= said.keys()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", COMMANDS)
def test_every_field_has_its_label_and_every_choice_its_word(name, language):
    said = load(language).sentences
    fields = list(fields_of(COMMANDS[name]))
    chosen = [(FAMILIES[one.family], value) for one in fields for value in one.choices]

    assert [] == [
        one.key for one in fields if not {f"field.{name}.{one.key}", f"field.{one.key}"} & said.keys()
    ]
    assert [] == [
        (families, value)
        for families, value in chosen
        if not {f"{family}.{value}" for family in families} & said.keys()
    ]


def test_a_field_of_a_service_newer_than_the_console_is_called_by_its_own_name():
    assert "blood type" == label(load("vi"), "registry.members", "blood_type")


def test_what_is_no_command_has_no_form():
    assert not {"registry.persons.names", "registry.imports"} & COMMANDS.keys()
    with pytest.raises(NotFound):
        command_at("registry", "/persons/names", REGISTRY)


def test_a_command_is_found_by_its_address_with_the_codes_in_it():
    command = command_at("registry", "/organizations/C-1/officials/M-1/relief", REGISTRY)

    assert "registry.organizations.officials.relief" == command.name
    assert {"code": "C-1", "member": "M-1"} == command.codes


@pytest.mark.parametrize("code", ["..", "c-1", "C", "C 1", "C\x00", "C-1%2F"])
def test_what_is_no_code_leads_nowhere(code):
    with pytest.raises(NotFound):
        command_at("registry", f"/organizations/{code}/renaming", REGISTRY)


def test_an_erasure_has_no_fields_and_a_correction_may_empty_any():
    assert () == COMMANDS["registry.members.person.delete"].fields
    correction = COMMANDS["registry.members.person.correction"]
    assert {True} == {one.erasable for one in correction.fields}
    assert ["purpose"] == [one.key for one in correction.asked]


def test_a_command_that_no_form_can_hold_is_refused_by_name():
    path = {"post": {"parameters": [{"name": "Idempotency-Key", "in": "header"}]}}
    path["post"]["requestBody"] = {"content": {"application/json": {"schema": {"type": "array"}}}}

    with pytest.raises(Unshown):
        command_at("registry", "/many", {"paths": {"/registry/v1/many": path}})


# -- What is wrong, in words


def test_a_rule_is_told_in_the_readers_language_with_its_source():
    problem = {
        "title": "NotReleased",
        "detail": "M-1",
        "rule": "Only who was released is taken in (house rule).",
    }
    wrong = words_of(Answer(409, problem=problem), [], load("vi"))

    assert "Đảng viên chưa được giới thiệu đến chi bộ này." == wrong.said
    assert problem["rule"] == wrong.rule


def test_a_rule_nobody_put_into_words_is_told_as_the_service_has_it():
    problem = {"title": "Unheard", "detail": "it is so", "rule": "Rule 7."}
    wrong = words_of(Answer(409, problem=problem), [], load("en"))

    assert ("A rule does not allow this.", "it is so", "Rule 7.") == (wrong.said, wrong.detail, wrong.rule)


def test_what_is_wrong_with_a_field_stands_at_the_field():
    errors = [
        {"field": "body.decision.number", "problem": "Field required"},
        {"field": "body.nothing", "problem": "Extra inputs are not permitted"},
    ]
    wrong = words_of(Answer(422, problem={"errors": errors}), ["decision.number"], load("vi"))

    assert {"decision.number": "Bắt buộc"} == wrong.fields
    assert "body.nothing: Không dùng ở đây" == wrong.detail


def test_two_services_refuse_under_one_name_each_in_its_own_words():
    answer = Answer(409, problem={"title": "NotACell"})

    assert "Only cells do this." == words_of(answer, [], load("en"), "assessment").said
    assert "Only cells do this." != words_of(answer, [], load("en"), "registry").said


@pytest.mark.parametrize("status", [403, 404, 412, 413, 422, 500, 502, 503])
@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_a_service_answers_there_is_a_sentence(status, language):
    assert words_of(Answer(status), [], load(language)).said


@pytest.mark.parametrize("service", DOCUMENTS)
def test_every_refusal_is_in_words(service):
    raised = {
        name
        for path in (ROOT / "services" / service).rglob("*.py")
        for name in re.findall(
            r"^class (\w+)\((?:Refused|NotYetKnown|UnknownOrganization)\)", path.read_text(), re.MULTILINE
        )
    }

    assert set() == {f"refusal.{name}" for name in raised} - load("vi").sentences.keys()


# -- Who is offered what


def caller(role):
    return Caller("reader", frozenset({role}), "P")


CELL = Node("C-1", "Cell", "SUBORDINATE_CELL", "DM", None, date(2000, 1, 1), ("P", "DM", "C-1"))
PARENT = Node("DM", "Committee", "GRASSROOTS_COMMITTEE", "P", None, date(2000, 1, 1), ("P", "DM"))
TODAY = date(2025, 6, 1)


def life(**more):
    stays = (Stay(date(2024, 1, 1), None, "C-1", None),)
    known = {
        "full_from": None,
        "ended_on": None,
        "reason": None,
        "stays": stays,
        "exemptions": (),
        "releases": (),
    }
    return Life(member="M-1", decided_on=date(2024, 1, 1), admitted_on=date(2024, 1, 1), **{**known, **more})


def names(offers):
    return [one.command.removeprefix("registry.") for one in offers]


def test_every_offer_is_a_command_there_is():
    offers = [
        *of_organization(SERVICES, caller("officer"), CELL),
        *of_organization(SERVICES, caller("officer"), PARENT),
        *of_member(SERVICES, caller("officer"), life(), CELL, TODAY),
    ]

    assert set() == {one.command for one in offers} - COMMANDS.keys()
    for one in offers:
        path = one.address.partition("?")[0].removeprefix("/do/registry")
        assert one.command == command_at("registry", path, REGISTRY).name


def test_members_are_admitted_to_cells_and_organizations_founded_under_others():
    assert "members" in names(of_organization(SERVICES, caller("officer"), CELL))
    assert "organizations" not in names(of_organization(SERVICES, caller("officer"), CELL))
    assert "organizations" in names(of_organization(SERVICES, caller("officer"), PARENT))


@pytest.mark.parametrize(("role", "offered"), [("secretary", ["members"]), ("auditor", []), ("operator", [])])
def test_what_becomes_of_organizations_is_offered_to_officers(role, offered):
    assert offered == names(of_organization(SERVICES, caller(role), CELL))


def test_what_a_member_is_decides_what_is_offered():
    released = Release(date(2025, 5, 1), None, "C-1", "C-2", "OFFICIAL", date(2025, 7, 1))
    full = life(full_from=date(2025, 1, 1), releases=(released,))

    assert "members.recognition" in names(of_member(SERVICES, caller("secretary"), life(), CELL, TODAY))
    assert "members.transfer" not in names(of_member(SERVICES, caller("secretary"), life(), CELL, TODAY))
    assert "members.recognition" not in names(of_member(SERVICES, caller("secretary"), full, CELL, TODAY))
    assert "members.transfer" in names(of_member(SERVICES, caller("secretary"), full, CELL, TODAY))


def test_of_who_is_no_member_any_more_only_the_person_is_kept():
    ended = life(ended_on=date(2025, 1, 1), reason="LEFT")

    assert ["members.person.correction"] == names(
        of_member(SERVICES, caller("secretary"), ended, CELL, TODAY)
    )
    assert [] == names(of_member(SERVICES, caller("auditor"), life(), CELL, TODAY))


MEETING = {"called": None, "cancelled": None, "held": {"held_at": "2025-05-05T12:00:00Z", "resolution": None}}
OWED = Obligation("C-1", "MEETING", "2025-05", "C-1", None, TODAY, "MISSED", None, None, ())
CALLED = {"called": {"kind": "THEMATIC"}, "cancelled": None, "held": None}


def concern(state, acknowledged="2025-05-06"):
    raised = {"concern": "K-1", "organization": "C-1"}
    return {"raised": raised, "state": state, "holder": "DM", "acknowledgement": {"done_on": acknowledged}}


def of_cells(role="officer"):
    by = caller(role)
    agreement = {"agreement": "A-1", "agreed": "to meet", "signatures": []}
    agreement["signatures"] = [
        {"organization": "DM", "signed_on": None},
        {"organization": "C-1", "signed_on": "2025-05-05"},
    ]
    states = [None, "SUBMITTED", "RETURNED", "ACCEPTED"]
    followed, who = {"organization": "C-1", "ended_on": None}, {"supervisor": "M-1", "superior": "P"}
    concerns = ["RAISED", "HEARD", "ASSIGNED", "RESOLVED"]
    offers = [
        *(
            one
            for state in states
            for one in cells.of_month(SERVICES, by, CELL, "2025-05", state, today=TODAY)
        ),
        *cells.of_meeting(SERVICES, by, "C-1", "C-1-M", MEETING, today=TODAY),
        *cells.of_meeting(SERVICES, by, "C-1", "C-1-M", CALLED, today=TODAY),
        cells.of_owed(SERVICES, by, CELL, "2025-05", OWED),
        *cells.of_months_beneath(SERVICES, by, PARENT, "2025-05"),
        cells.of_task(SERVICES, by, "C-1", "C-1-M", 1),
        *(one for state in concerns for one in cells.of_concern(SERVICES, by, concern(state, None))),
        *cells.of_movement(SERVICES, by, CELL, today=TODAY),
        *cells.of_movement(SERVICES, by, PARENT, today=TODAY),
        cells.of_signature(SERVICES, by, PARENT, agreement),
        *cells.of_supervision(SERVICES, by, PARENT, 2025),
        cells.of_assignment(SERVICES, by, PARENT, "2025", followed, who),
        *cells.of_criteria(SERVICES, by, PARENT),
    ]
    return [one for one in offers if one]


def test_whatever_happens_in_cells_is_offered_by_a_link_to_a_command_there_is():
    offers = of_cells()

    assert {name for name in COMMANDS if name.startswith("assessment.")} == {one.command for one in offers}
    for one in offers:
        path = one.address.partition("?")[0].removeprefix("/do/assessment")
        assert one.command == command_at("assessment", path, ASSESSMENT).name


def test_what_a_link_gives_is_a_field_of_its_command():
    for one in of_cells():
        given = parse_qs(one.address.partition("?")[2]).keys() - {"back"}
        command = COMMANDS[one.command]

        assert set() == given - {field.key for field in command.fields} - command.codes.keys()


def test_a_secretary_keeps_the_papers_of_a_cell_and_decides_nothing():
    offered = {one.command for one in of_cells("secretary")}

    assert {"assessment.meetings", "assessment.self-assessments", "assessment.concerns"} <= offered
    assert not {"assessment.self-assessments.returns", "assessment.concerns.answers"} & offered
    assert [] == of_cells("auditor")


def test_a_meeting_that_was_called_off_can_only_be_read():
    assert () == cells.of_meeting(
        SERVICES, caller("officer"), "C-1", "C-1-M", CALLED | {"cancelled": {}}, today=TODAY
    )


def test_a_new_code_fits_however_long_that_of_its_cell_is():
    assert re.fullmatch(CODE, cells.new_code("C" * 32, TODAY))


def test_a_task_is_named_by_its_number_and_nothing_else():
    assert command_at("assessment", "/meetings/C-1-M/tasks/12/reports", ASSESSMENT)
    with pytest.raises(NotFound):
        command_at("assessment", "/meetings/C-1-M/tasks/C-1/reports", ASSESSMENT)


def test_without_an_address_of_the_registry_nothing_is_offered():
    assert () == of_organization(Services({}), caller("officer"), CELL)
    assert () == of_member(Services({}), caller("officer"), life(), CELL, TODAY)
