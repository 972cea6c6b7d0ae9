"""Who asks the registry, what of, and what its stream tells of that."""

from services.registry.publication import publish
from tests.edges import bearer
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


async def told(store):
    """Return what the registry has published, as its stream would tell it."""
    tell = Telling()
    events = [publish(recorded.fact) for recorded in await store.read(0, 100)]
    return [tell(event) for event in events if event]


async def read(store, *views):
    """Let views read what the registry has published."""
    for view in views:
        await view.apply(await told(store))


async def get(api, path, headers=OFFICER, **params):
    response = await api.get(path, headers=headers, params=params)
    assert 200 == response.status_code, response.text
    return response.json()


async def post(api, path, body, headers=OFFICER, **params):
    return await api.post(path, json=body, headers=headers, params=params)
