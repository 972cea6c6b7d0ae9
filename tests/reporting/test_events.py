"""Reporting reads in part what the contracts say in full: neither may move away from the other."""

from pathlib import Path

import msgspec
import pytest

from contracts.catalogue import CATALOGUE
from services.chassis.delivery import envelope_in
from services.reporting.events import READ, seen_in
from services.reporting.ledger import FRAMEWORK_ISSUED
from tests.reporting.story import founded, held, told
from tests.spec import NOW
from tests.telling import altered

EXAMPLES = sorted((Path(__file__).parents[2] / "contracts" / "examples").rglob("*.json"))


def test_reporting_reads_every_event_of_the_catalogue():
    assert set(CATALOGUE) == set(READ)


@pytest.mark.parametrize("type", READ)
def test_reporting_reads_only_fields_that_some_version_of_the_contract_has(type):
    versions = [event for name, event in CATALOGUE.items() if name.startswith(type.rpartition(".")[0] + ".")]

    assert set(READ[type].__struct_fields__) <= {field for one in versions for field in one.model_fields}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_reporting_reads_every_example_ever_published(path):
    message = envelope_in(path.read_bytes())

    assert message.organization == seen_in(message).organization


def test_a_type_reporting_does_not_understand_is_passed_over():
    (delivery,) = told(founded("C-1"))

    assert seen_in(altered(delivery, type="registry.OrganizationPraised.v1").message) is None


def test_data_that_breaks_its_contract_says_so():
    (delivery,) = told(held("MT-1", "C-1", NOW))

    with pytest.raises(msgspec.ValidationError, match="present"):
        seen_in(altered(delivery, data={**delivery.message.data, "present": "all"}).message)


def test_the_index_of_frameworks_names_an_event_that_exists():
    assert FRAMEWORK_ISSUED in CATALOGUE
