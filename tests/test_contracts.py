"""The published language: complete, documented, and never broken against what was released."""

import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import ClassVar, Literal

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_http_event
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent as SdkEvent
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from contracts import schema
from contracts.assessment import CriteriaFrameworkIssued, CriterionResult, MeetingHeld
from contracts.catalogue import CATALOGUE, decode, published_by
from contracts.classification import CellClassified, evidence_of
from contracts.message import CloudEvent, DayOn, Event, Message
from contracts.registry import MemberAdmitted
from contracts.vocabulary import Headcount

CONTRACTS = Path(schema.__file__).parent
EXAMPLES = {path.stem: path.read_text("utf-8") for path in (CONTRACTS / "examples").glob("*.json")}
SERVICES = {"registry", "assessment", "classification", "notification"}

every_event = pytest.mark.parametrize("type", sorted(CATALOGUE))


def example(type: str) -> Message:
    return Message.model_validate_json(EXAMPLES[type])


def changed(type: str, **fields):
    """Return what the event of the released example becomes with some fields changed."""
    return CATALOGUE[type].model_validate(example(type).data | fields)


# -- Nothing is forgotten


def test_every_event_has_one_example_and_every_example_its_event():
    assert CATALOGUE.keys() == EXAMPLES.keys()


def test_every_event_has_one_schema_and_every_schema_its_event():
    assert CATALOGUE.keys() == {path.stem for path in schema.SCHEMAS.glob("*.json")}


def test_every_event_has_a_row_in_the_readme_naming_owner_and_field():
    rows = re.findall(
        r"^\| `(\w+\.\w+\.v\d+)` \| (\w+) \| `([\w.]+)` \|",
        (CONTRACTS / "README.md").read_text("utf-8"),
        re.MULTILINE,
    )

    assert [(type, type.split(".")[0], event.occurred_in) for type, event in CATALOGUE.items()] == rows


def test_every_attribute_of_the_envelope_is_explained_in_the_readme():
    envelope = (CONTRACTS / "README.md").read_text("utf-8").partition("## The envelope")[2]

    assert {*CloudEvent.model_fields, *Message.model_fields} <= set(re.findall(r"`(\w+)`", envelope))


def test_every_event_has_one_of_the_four_owners():
    assert set(CATALOGUE.values()) == {event for service in SERVICES for event in published_by(service)}


@every_event
def test_a_type_is_owner_name_and_version(type):
    owner, name, version = type.split(".")

    assert CATALOGUE[type].__name__ == name + ("" if version == "v1" else version.upper())
    assert re.fullmatch(rf"contracts\.{owner}(_[a-z]+)?", CATALOGUE[type].__module__)
    assert re.fullmatch(r"v[1-9]\d*", version)


def test_the_names_the_province_already_uses_stay():
    already = {
        "MemberAdmitted",
        "MeetingHeld",
        "SupervisorAttended",
        "SelfAssessmentSubmitted",
        "CellClassified",
    }

    assert already <= {event.__name__ for event in CATALOGUE.values()}


# -- Released examples


@every_event
def test_a_released_example_keeps_every_field_through_todays_classes(type):
    released = json.loads(EXAMPLES[type])
    message = Message.model_validate(released)
    event = decode(message)

    assert released["data"] == _only_of(released["data"], event.model_dump(mode="json"))
    assert released == _only_of(released, json.loads(message.model_dump_json()))


def _only_of(released, now):
    """Return of `now` what `released` has: an event may have gained fields since."""
    if isinstance(released, dict):
        return {name: _only_of(value, now[name]) for name, value in released.items() if name in now}
    if isinstance(released, list):
        return [_only_of(before, after) for before, after in zip(released, now, strict=True)]
    return now


@every_event
def test_an_example_is_complete_so_that_no_field_can_vanish_unseen(type):
    assert set(CATALOGUE[type].model_fields) == example(type).data.keys()
    assert None not in example(type).data.values()


@every_event
def test_an_example_says_in_its_envelope_what_its_data_says(type):
    message = example(type)
    event = decode(message)

    assert (event.occurred_at, event.organization) == (message.time, message.organization)
    assert (type.split(".")[0], schema.uri_of(type)) == (message.source, message.dataschema)
    assert message.previous < message.sequence


@every_event
def test_an_example_is_valid_by_its_schema_to_anyone(type):
    published = json.loads((schema.SCHEMAS / f"{type}.json").read_text("utf-8"))

    Draft202012Validator.check_schema(published)
    Draft202012Validator(published, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(
        example(type).data
    )


@every_event
def test_the_public_sdk_of_cloudevents_reads_an_example(type):
    event = from_http_event(
        HTTPMessage({"content-type": "application/cloudevents+json"}, EXAMPLES[type].encode()), JSONFormat()
    )

    assert (type, example(type).id) == (event.get_type(), event.get_id())
    assert example(type).time == event.get_time()
    assert example(type).sequence == event.get_extension("sequence")
    assert example(type).data == event.get_data()


@every_event
def test_what_a_district_writes_with_the_public_sdk_is_read(type):
    written = SdkEvent(
        {
            "specversion": "1.0",
            "id": "17",
            "source": "urn:district:TAM-KY",
            "type": type,
            "number": 2,
            "replaces": "16",
        },
        example(type).data,
    )
    event = CloudEvent.model_validate_json(JSONFormat().write(written))

    assert ("17", "urn:district:TAM-KY", type) == (event.id, event.source, event.type)
    assert (2, "16") == (event.number, event.replaces)
    assert decode(example(type)) == decode(event)


@every_event
def test_a_reader_ignores_what_it_does_not_know(type):
    message = Message.model_validate(json.loads(EXAMPLES[type]) | {"fromthefuture": 1})

    assert decode(message) == CATALOGUE[type].model_validate(message.data | {"from_the_future": {"deep": 1}})


@every_event
def test_an_event_cannot_be_altered(type):
    with pytest.raises(ValidationError, match="frozen"):
        decode(example(type)).organization = "ELSEWHERE"


def test_an_event_of_a_type_not_in_the_catalogue_decodes_to_nothing():
    assert decode(CloudEvent(id="1", source="s", type="registry.MemberKnighted.v1", data={})) is None


# -- The compatibility law


@every_event
def test_the_schema_on_disk_is_that_of_the_class(type):
    """`python -m contracts.schema` brings it up to date, or says what would break."""
    assert schema.text_of(schema.schema_of(CATALOGUE[type])) == (schema.SCHEMAS / f"{type}.json").read_text(
        "utf-8"
    )


class Released(Event):
    """An event as it was once published."""

    type: ClassVar[str] = "registry.Released.v1"
    occurred_in = "on"
    on: DayOn
    level: Literal["GOOD", "POOR"]
    present: Headcount
    places: tuple[MemberAdmitted, ...] = ()
    note: str | None = None


RELEASED = schema.schema_of(Released)


def test_gaining_an_optional_field_breaks_nothing():
    class Gained(Released):
        moderator: str | None = None

    assert [] == schema.broken_promises(RELEASED, schema.schema_of(Gained))


def test_new_words_of_explanation_break_nothing():
    class Explained(Released):
        """The same, in other words."""

    assert [] == schema.broken_promises(RELEASED, schema.schema_of(Explained))


def test_removing_a_field_breaks_a_promise():
    class Removed(Event):
        type: ClassVar[str] = Released.type
        on: DayOn
        level: Literal["GOOD", "POOR"]
        present: Headcount
        places: tuple[MemberAdmitted, ...] = ()

    assert ["data.note was removed"] == schema.broken_promises(RELEASED, schema.schema_of(Removed))


def test_gaining_a_required_field_breaks_a_promise():
    class Demanding(Released):
        moderator: str

    assert ["data.moderator became required"] == schema.broken_promises(RELEASED, schema.schema_of(Demanding))


def test_making_an_optional_field_required_breaks_a_promise():
    class Demanding(Released):
        note: str | None

    assert ["data.note became required"] == schema.broken_promises(RELEASED, schema.schema_of(Demanding))


def test_making_a_required_field_optional_breaks_a_promise():
    class Relaxed(Released):
        present: Headcount = 0

    assert ["data.present is no longer always there"] == schema.broken_promises(
        RELEASED, schema.schema_of(Relaxed)
    )


def test_changing_the_type_of_a_field_breaks_a_promise():
    class Retyped(Released):
        present: str

    assert ["data.present was retyped"] == schema.broken_promises(RELEASED, schema.schema_of(Retyped))


def test_changing_the_type_behind_an_optional_field_breaks_a_promise():
    class Retyped(Released):
        note: int | None = None

    assert ["data.note was retyped"] == schema.broken_promises(RELEASED, schema.schema_of(Retyped))


def test_a_list_of_values_that_grows_or_shrinks_breaks_a_promise():
    class Grown(Released):
        level: Literal["GOOD", "POOR", "FAIR"]

    assert ["data.level was retyped"] == schema.broken_promises(RELEASED, schema.schema_of(Grown))
    assert ["data.level was retyped"] == schema.broken_promises(schema.schema_of(Grown), RELEASED)


def test_a_break_deep_inside_a_list_of_parts_is_found():
    deeper = json.loads(json.dumps(RELEASED))
    deeper["$defs"]["Document"]["properties"].pop("number")
    deeper["$defs"]["Document"]["required"] = ["date"]

    assert ["data.places[].decision.number was removed"] == schema.broken_promises(RELEASED, deeper)


def test_a_list_that_becomes_a_single_part_breaks_a_promise():
    class Single(Released):
        places: MemberAdmitted | None = None

    assert ["data.places was retyped"] == schema.broken_promises(RELEASED, schema.schema_of(Single))


def test_schemas_are_not_overwritten_where_a_promise_would_break(tmp_path):
    assert [] == schema.write(tmp_path)
    path = tmp_path / "registry.MemberAdmitted.v1.json"
    promised = json.loads(path.read_text("utf-8"))
    promised["properties"]["ribbon"] = {"type": "string"}
    path.write_text(json.dumps(promised), "utf-8")

    assert ["registry.MemberAdmitted.v1: data.ribbon was removed"] == schema.write(tmp_path)
    assert promised == json.loads(path.read_text("utf-8"))


# -- What the language refuses


@pytest.mark.parametrize("day", ["1024-11-05", "2101-01-01", "20241105", "2024-11-31", 20241105, 1.7e9, None])
def test_a_day_outside_the_model_or_not_written_as_one_is_refused(day):
    with pytest.raises(ValidationError, match="ceremony_on"):
        changed("registry.MemberAdmitted.v1", ceremony_on=day)


@pytest.mark.parametrize("at", ["1024-11-05T14:00:00Z", "2024-11-05T14:00:00", "2024-11-05", 1730790000])
def test_an_instant_outside_the_model_or_without_offset_is_refused(at):
    with pytest.raises(ValidationError, match="held_at"):
        changed("assessment.MeetingHeld.v1", held_at=at)


@pytest.mark.parametrize("period", ["1024-11", "2024-13", "2024-1", "24-11", "2024-11-05", "2024Q4"])
def test_a_period_is_a_month_or_a_year(period):
    with pytest.raises(ValidationError, match="period"):
        changed("assessment.SelfAssessmentSubmitted.v1", period=period)


@pytest.mark.parametrize(
    "code", ["cell 7", "c-0007", "-C7", "C", "C" * 33, "C.7", "C*", "C>", "C-7\n", "ĐB-7", 7]
)
def test_a_code_is_one_plain_token_of_a_subject(code):
    with pytest.raises(ValidationError, match="organization"):
        changed("assessment.MeetingHeld.v1", organization=code)


@pytest.mark.parametrize("present", [-1, 100_001, "21", 21.0, True, None])
def test_a_headcount_is_a_whole_number_of_people(present):
    with pytest.raises(ValidationError, match="present"):
        changed("assessment.MeetingHeld.v1", present=present)


@pytest.mark.parametrize("flag", [1, 0, "true", "yes", None])
def test_yes_or_no_is_true_or_false(flag):
    with pytest.raises(ValidationError, match="discusses_solutions"):
        changed("assessment.MeetingHeld.v1", discusses_solutions=flag)


@pytest.mark.parametrize("topic", ["", " ", "two\nlines", "nul\x00", "t" * 201, "half a pair \ud800"])
def test_a_topic_is_one_line_that_postgresql_can_store(topic):
    with pytest.raises(ValidationError, match="topic"):
        changed("assessment.MeetingHeld.v1", topic=topic)


@pytest.mark.parametrize(
    "value", ["NaN", "1e3", "1_000", "٣", " 5", "12.34567", "9" * 15, True, float("inf")]
)
def test_a_figure_is_written_in_plain_digits(value):
    with pytest.raises(ValidationError, match="value"):
        CriterionResult(criterion="attendance_pct", value=value)


@pytest.mark.parametrize("score", ["100.01", "-1", "89.995"])
def test_a_score_lies_between_0_and_100_with_two_decimals(score):
    with pytest.raises(ValidationError, match="score"):
        changed("classification.CellClassified.v1", score=score)


@pytest.mark.parametrize("id", ["", "i" * 129, "nul\x00", "line\n"])
def test_an_event_is_named_in_at_most_128_printable_characters(id):
    with pytest.raises(ValidationError, match="id"):
        CloudEvent(id=id, source="urn:fourgood:sample:TAM-KY", type="t", data={})


@pytest.mark.parametrize("number", [0, -1, 2**31, "5", 5.0, True])
def test_an_event_is_numbered_from_1_by_whole_numbers_of_32_bits(number):
    with pytest.raises(ValidationError, match="number"):
        CloudEvent(id="17", source="urn:district:TAM-KY", type="t", data={}, number=number)


def test_a_meeting_assigns_at_most_200_tasks():
    task = example("assessment.MeetingHeld.v1").data["tasks"][0]

    with pytest.raises(ValidationError, match="tasks"):
        changed("assessment.MeetingHeld.v1", tasks=[task] * 201)


# -- What the language means


def test_a_day_begins_at_midnight_in_the_province():
    admitted = changed("registry.MemberAdmitted.v1", ceremony_on="2024-11-05")

    assert datetime(2024, 11, 4, 17, tzinfo=UTC) == admitted.occurred_at


def test_an_instant_keeps_its_place_in_time_whatever_its_offset():
    held = changed("assessment.MeetingHeld.v1", held_at="2024-11-15T19:30:00+07:00")

    assert datetime(2024, 11, 15, 12, 30, tzinfo=UTC) == held.occurred_at


def test_a_framework_happens_on_the_date_of_its_document():
    framework = decode(example("assessment.CriteriaFrameworkIssued.v1"))

    assert isinstance(framework, CriteriaFrameworkIssued)
    assert datetime(2024, 5, 18, 17, tzinfo=UTC) == framework.occurred_at


def test_a_score_is_exact_from_json_to_json():
    decided = changed("classification.CellClassified.v1", score="89.99")

    assert Decimal("89.99") == decided.score
    assert '"score":"89.99"' in decided.model_dump_json()


def test_lists_of_an_event_are_as_immutable_as_it_is():
    held = decode(example("assessment.MeetingHeld.v1"))

    assert isinstance(held, MeetingHeld)
    assert isinstance(held.tasks, tuple)
    assert date(2024, 11, 30) == held.tasks[0].due_on


def test_evidence_is_the_digest_of_the_events_in_any_order():
    decided = decode(example("classification.CellClassified.v1"))

    assert isinstance(decided, CellClassified)
    assert decided.evidence == evidence_of(reversed(decided.events))
    assert decided.evidence != evidence_of(decided.events[1:])


def test_evidence_of_nothing_is_the_digest_of_nothing():
    assert "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" == evidence_of([])
