"""A district system, as one would be written with a plain NATS client, and the events it sends."""

import json
from contextlib import asynccontextmanager

import nats as plain

from contracts.receipt import Receipt
from tests.chassis.story import until
from tests.patience import PATIENCE_S

SOURCE = "urn:fourgood:than-uyen"


class District:
    """One district's connection, and the receipts it was given."""

    def __init__(self, code, connection):
        self.code = code
        self.connection = connection
        self.heard = []

    async def hear(self, message):
        if not message.subject.endswith(".Wanted"):
            self.heard.append((message.subject, Receipt.model_validate_json(message.data)))

    async def publish(self, name, body):
        """Publish, and return once the stream has it."""
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        await self.connection.jetstream(timeout=PATIENCE_S).publish(f"intake.{self.code}.{name}", body)

    async def answers(self, count=1, *, within_s=PATIENCE_S):
        """Return the first `count` receipts, as soon as they are there."""
        await until(lambda: len(self.heard) >= count, within_s=within_s)
        return [receipt for _, receipt in self.heard[:count]]

    async def tell(self, name, body):
        """Publish and return the receipt."""
        before = len(self.heard)
        await self.publish(name, body)
        return (await self.answers(before + 1))[-1]


@asynccontextmanager
async def district(server, code="THAN-UYEN"):
    """Sign in as a district while the body runs."""
    connection = await plain.connect(server.url(code), inbox_prefix=f"_INBOX_{code}".encode())
    signed_in = District(code, connection)
    await connection.subscribe(f"receipts.{code}.>", cb=signed_in.hear)
    await connection.flush()
    try:
        yield signed_in
    finally:
        await connection.close()


def cloud_event(id, type, data, **attributes):
    return {"specversion": "1.0", "id": id, "source": SOURCE, "type": type, "data": data} | attributes


def founding(id, organization, parent="THAN-UYEN", **given):
    data = {
        "organization": organization,
        "name": f"Chi bộ {organization}",
        "kind": "GRASSROOTS_CELL",
        "parent": parent,
        "founded_on": "2020-01-01",
    }
    return cloud_event(id, "registry.OrganizationFounded.v1", data | given)


def admission(id, organization, member="M-0042", **given):
    data = {
        "organization": organization,
        "member": member,
        "decision": {"number": "12-QĐ/HU", "date": "2024-11-01"},
        "ceremony_on": "2024-11-05",
        "standing": "PROBATIONARY",
    }
    return cloud_event(id, "registry.MemberAdmitted.v1", data | given)


def target(id, organization, value=12):
    data = {"organization": organization, "year": "2024", "target": value, "set_on": "2024-01-05"}
    return cloud_event(id, "registry.AdmissionTargetSet.v1", data)
