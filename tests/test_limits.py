"""Nothing grows without a bound, every bound is in the runbook, and its alarms speak of metrics there are."""

import re
from base64 import b64encode
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

from services.chassis.alarm import KINDS
from services.chassis.process import Process
from services.chassis.service import Service
from tests.test_docs import ROOT, SERVICES, settings_of

RUNBOOK = (ROOT / "deploy/README.md").read_text()
RULES = (ROOT / "deploy/prometheus/rules.yaml").read_text()
TOLD: dict[str, Any] = {
    "database_url": "postgresql://registry:pw@127.0.0.1:15432/registry",
    "nats_url": "nats://registry:pw@127.0.0.1:14222",
    "auth_public_key": "-----BEGIN PUBLIC KEY-----",
    "master_key": b64encode(bytes(32)).decode(),
    "smtp_url": "smtp://127.0.0.1:25",
    "mail_domain": "fourgood.example",
}


def create(service: str) -> Service:
    """Return a service as its process would run it, with everything that it can have."""
    made: Service = import_module(f"services.{service}.main").create(settings_of(service)(**TOLD))
    Process(made)._listening.close()
    return made


@pytest.fixture(scope="module")
def services() -> dict[str, Service]:
    return {name: create(name) for name in SERVICES}


def test_every_bound_is_in_the_runbook_and_every_row_is_a_bound(services: dict[str, Service]):
    limits = RUNBOOK[RUNBOOK.index("## Limits") :]
    rows = re.findall(r"^\| ([a-z ]+) \| ([\d,]+) \|", limits, re.MULTILINE)
    kept = {bound.name: bound.limit for service in services.values() for bound in service.bounds}

    assert kept == {name: int(limit.replace(",", "")) for name, limit in rows}


@pytest.mark.parametrize("name", SERVICES)
def test_no_bound_of_a_service_is_shown_twice_or_used_up_at_rest(name: str, services: dict[str, Service]):
    names = [bound.name for bound in services[name].bounds]

    assert len(set(names)) == len(names)
    assert [] == [bound.name for bound in services[name].bounds if bound.used() >= bound.limit]


CHASSIS = {
    path.stem: ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for path in (ROOT / "services/chassis").rglob("[!_]*.py")
}
"""By its own name, each module that the runbook may speak of."""


def test_every_time_in_the_runbook_is_that_of_the_code():
    rows = re.findall(r"^\| `(\w+)\.(\w+_S)` \| (\d+) \|", RUNBOOK, re.MULTILINE)

    assert [] != rows
    assert [] == [
        f"{module}.{name}"
        for module, name, seconds in rows
        if getattr(import_module(CHASSIS[module]), name) != int(seconds)
    ]


# -- What a caller may send

BOUNDED_BY = {
    "string": {"maxLength", "pattern", "enum", "format", "const"},
    "array": {"maxItems"},
    "object": {"properties", "maxProperties"},
}
"""What says how large a value may be, by its type."""


def unbounded(schema: dict[str, Any], schemas: dict[str, Any], place: str) -> Iterator[str]:
    """Yield where a text, a list or a map may be of any size."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        yield from unbounded(schemas[name], schemas, name)
    for part in (*schema.get("anyOf", ()), *schema.get("allOf", ())):
        yield from unbounded(part, schemas, place)
    for kind, bounds in BOUNDED_BY.items():
        if kind in schema.get("type", "") and not bounds & set(schema):
            yield place
    if "maxLength" not in schema and re.search(r"[*+]|,}", schema.get("pattern", "")):
        yield place
    if isinstance(items := schema.get("items"), dict):
        yield from unbounded(items, schemas, f"{place}[]")
    for name, part in schema.get("properties", {}).items():
        yield from unbounded(part, schemas, f"{place}.{name}")


@pytest.mark.parametrize("name", SERVICES)
def test_whatever_a_command_carries_has_a_bound(name: str, services: dict[str, Service]):
    document = services[name].api.openapi()
    bodies = [
        content["schema"]
        for path in document["paths"].values()
        for operation in path.values()
        for content in operation.get("requestBody", {}).get("content", {}).values()
    ]
    schemas = document["components"]["schemas"]

    assert [] == [place for body in bodies for place in unbounded(body, schemas, name)]


# -- Alarms


def test_every_rule_has_its_row_in_the_runbook_and_every_row_its_rule():
    alarms = RUNBOOK[RUNBOOK.index("## Alarms") : RUNBOOK.index("## Limits")]
    rules = re.findall(r"^ +- alert: (\w+)$", RULES, re.MULTILINE)
    rows = "".join(re.findall(r"^\| (`.*?) \|", alarms, re.MULTILINE))

    assert sorted(rules) == sorted(re.findall(r"`([A-Z]\w+)`", rows))


def test_every_kind_of_alarm_is_in_the_runbook():
    assert [] == [kind for kind in KINDS if f"\n| `{kind}` |" not in RUNBOOK]
