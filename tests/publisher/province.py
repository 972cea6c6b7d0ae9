"""The province's side as the contract tells it, on a real NATS, and what it has seen of a publisher."""

import json
from collections import Counter
from typing import Any

import nats
from nats.aio.msg import Msg

from contracts.subjects import inbox_prefix
from deploy.embedded.nats import NatsServer

CODE = "THAN-UYEN"
SOURCE = "urn:fourgood:than-uyen"
AT = "2026-01-01T00:00:00Z"


def target(number: int, source: str = SOURCE, **given: Any) -> dict[str, Any]:
    """Return an event that differs from every other of another number."""
    data = {"organization": CODE, "year": "2024", "target": number, "set_on": "2024-01-05"}
    return {
        "type": "registry.AdmissionTargetSet.v1",
        "id": f"t-{number}",
        "data": data,
        "source": source,
        **given,
    }


class Province:
    """It records each event once, by source and id, and remembers every delivery."""

    def __init__(self, server: NatsServer) -> None:
        self.server = server
        self.deliveries: list[dict[str, Any]] = []
        self.recorded: dict[str, dict[str, Any]] = {}
        self.stated: list[dict[str, Any]] = []
        self.rejects: dict[str, str] = {}
        self.silent = False
        """Takes, records and does not answer."""

    async def __aenter__(self) -> "Province":
        self.client = await nats.connect(
            self.server.url("registry"),
            inbox_prefix=inbox_prefix("registry").encode(),
            max_reconnect_attempts=-1,
            reconnect_time_wait=0.05,
            error_cb=_quiet,
        )
        self.js = self.client.jetstream()
        await self.js.add_stream(name="INTAKE", subjects=["intake.>"])
        await self.js.add_stream(name="RECEIPTS", subjects=["receipts.>"])
        await self.js.subscribe("intake.>", stream="INTAKE", cb=self._take)
        await self.client.subscribe("received.registry.*", cb=self._received)
        await self.client.flush()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.close()

    @property
    def ids(self) -> list[str]:
        """Return what was recorded, in its order."""
        return list(self.recorded)

    @property
    def numbers(self) -> list[int]:
        """Return the numbers recorded, in their order."""
        return [event["number"] for event in self.recorded.values()]

    @property
    def times(self) -> Counter[str]:
        """Return how often each event was delivered."""
        return Counter(event["id"] for event in self.deliveries)

    async def want(self, *missing: tuple[int, int], source: str = SOURCE) -> None:
        """Ask for what is missing."""
        said = {"service": "registry", "source": source, "missing": missing, "asked_at": AT}
        await self.js.publish(f"receipts.{CODE}.Wanted", json.dumps(said).encode())

    def forget(self, *ids: str) -> None:
        """Lose some events, as after a restore of an older copy."""
        for id in ids:
            del self.recorded[id]

    async def _take(self, message: Msg) -> None:
        event = json.loads(message.data)
        self.deliveries.append(event)
        known = self.recorded.get(event["id"])
        assert known in (None, event), "an event keeps its number and its content"
        reason = self.rejects.get(event["id"])
        outcome = "rejected" if reason else "duplicate" if known else "accepted"
        self.recorded[event["id"]] = event
        if self.silent:
            return
        said = {
            "source": event["source"],
            "id": event["id"],
            "number": event["number"],
            "outcome": outcome,
        }
        said |= {"service": "registry", "reason": reason, "decided_at": AT}
        to = message.subject.replace("intake", "receipts", 1)
        await self.client.publish(to, json.dumps(said).encode())

    async def _received(self, message: Msg) -> None:
        asked = json.loads(message.data)
        self.stated.append(asked)
        numbers = {event["number"] for event in self.recorded.values() if event["source"] == asked["source"]}
        last = max(*numbers, asked.get("last", 0), 0, 0)
        missing = [[n, n] for n in range(1, last + 1) if n not in numbers]
        stream = {"source": asked["source"], "last": last, "received": len(numbers), "accepted": len(numbers)}
        stream |= {"rejected": 0, "missing": missing}
        said = {"service": "registry", "district": CODE, "streams": [stream] if last else []}
        await message.respond(json.dumps(said).encode())


async def _quiet(error: Exception) -> None:
    pass
