"""A registry's edge behind which Lan is a member, and what the stories of persons ask there."""

from contextlib import asynccontextmanager

from services.chassis.edge.auth import Rights
from services.chassis.eventlog.inbox import Inbox
from services.registry.api import routes
from services.registry.application import FoundOrganization
from services.registry.publication import publish
from tests.edges import AUTH, bearer, edge_of
from tests.registry.test_application import CELL, DISTRICT, LAN, PROVINCE
from tests.telling import Telling

OFFICER = bearer("officer")
DISTRICT_OFFICER = bearer("officer", "THAN-UYEN")
ELSEWHERE = bearer("officer", "TAM-DUONG")
SECRETARY = bearer("secretary", "TU-C-001")
AUDITOR = bearer("auditor")
CONTACT = {
    "phone": "+84 912 345 678",
    "mail": "lan@than-uyen.example",
    "address": "Khu 5, thị trấn Than Uyên",
}
PERSON = "/members/M-0042/person"
DR = {"request": "DR-0001", "kind": "ERASURE", "received_on": "2024-12-27"}


@asynccontextmanager
async def with_lan(registry, store, tree, asked):
    """Yield the edge, after a province, a district and a cell were founded and Lan was admitted."""
    for organization in (PROVINCE, DISTRICT, CELL):
        await registry.organizations.found(FoundOrganization(**organization), asked)
    await read(tree, store)
    inbox = Inbox(store.pool)
    async with edge_of("registry", routes(registry, Rights(tree), AUTH), inbox) as client:
        answer = await client.post("/members", json=LAN | CONTACT, headers=OFFICER)
        assert 201 == answer.status_code, answer.text
        yield client


async def read(tree, store):
    """Let the tree read what the registry has published, as its stream would tell it."""
    tell = Telling()
    await tree.apply([tell(publish(recorded.fact)) for recorded in await store.read(0, 100)])


async def get(api, path, headers=OFFICER, **params):
    response = await api.get(path, headers=headers, params=params)
    assert 200 == response.status_code, response.text
    return response.json()


async def post(api, path, body, headers=OFFICER, **params):
    return await api.post(path, json=body, headers=headers, params=params)
