"""Who holds a credential that is another's: tries all doors, and notes what opened."""

import json
from dataclasses import dataclass, field

import anyio
import nats
from nats.aio.client import Client
from nats.aio.msg import Msg

from contracts.credentials import Credentials
from tests.patience import PATIENCE_S
from tests.system.conftest import look_again

OWNERS = ("registry", "assessment", "classification")


@dataclass
class Thief:
    """What came of it: what the server said, what was heard, and whether the line was cut."""

    refused: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    cut: anyio.Event = field(default_factory=anyio.Event)

    async def connected(self, stolen: Credentials) -> Client:
        """Connect by a file. Raises what NATS says."""
        client: Client = await nats.connect(
            stolen.nats,
            user=stolen.user,
            password=stolen.password,
            inbox_prefix=stolen.inbox_prefix.encode(),
            error_cb=self._said,
            closed_cb=self._cut,
            allow_reconnect=False,
            connect_timeout=PATIENCE_S,
        )
        return client

    async def tries(self, client: Client, victim: str) -> int:
        """Try to speak, listen and ask as `victim`; return how many doors were tried, all answered."""
        before, subjects = len(self.refused), ["receipts.>", f"receipts.{victim}.>", f"_INBOX_{victim}.>"]
        for subject in subjects:
            await client.subscribe(subject, cb=self._hears)
        event = {"specversion": "1.0", "id": "stolen", "source": f"urn:fourgood:{victim.lower()}"}
        event |= {"type": "registry.AdmissionTargetSet.v1", "number": 1}
        data = {"organization": victim, "year": "2024", "target": 1, "set_on": "2024-01-05"}
        asked = [f"{what}.{owner}.{victim}" for what in ("received", "check") for owner in OWNERS]
        doors = [f"intake.{victim}.AdmissionTargetSet", f"receipts.{victim}.Wanted", "$JS.API.INFO", *asked]
        for subject in doors:
            await client.publish(subject, json.dumps(event | {"data": data}).encode())
        await client.flush()
        tried = len(subjects) + len(doors)
        with anyio.fail_after(PATIENCE_S):
            while len(self.refused) - before < tried:
                await look_again()
        return tried

    async def _said(self, error: Exception) -> None:
        self.refused.append(str(error))

    async def _hears(self, message: Msg) -> None:
        self.heard.append(message.subject)

    async def _cut(self) -> None:
        self.cut.set()
