"""The registry at NATS's door: the server asks it about everyone whom its own configuration does not know.

Nothing about districts stands in a file: what is issued opens at once, what ends is cut off, on every
server of a cluster. Who is let in was recorded before. While no registry answers, those who are
connected stay, and who comes waits until their own patience ends and tries again: that is no refusal.
"""

import asyncio
import hmac
import json
import re

import structlog
from faststream.nats import NatsBroker
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.errors import NoRespondersError

from services.chassis.regularly import AWAY
from services.chassis.streams.bus import answering
from services.registry.application.credential import DistrictCredentials
from services.registry.credentials.claims import Knock, Signer
from services.registry.credentials.uses import ACCEPTED, Connection, Use, Uses
from services.registry.domain.credentials import Credential

log = structlog.get_logger()

ASKED = "$SYS.REQ.USER.AUTH"
USER = re.compile(r"([A-Z0-9][A-Z0-9-]{1,31})_([1-9][0-9]{0,5})")
WAITING_MAX = 1024
"""Questions that wait; the server asks again for whoever tries again."""

CUT_MAX = 500
"""Connections that are cut off at once."""

CUT_WITHIN_S = 2.0
CUT_EVERY_S = 10.0
"""How often it looks who is connected by what has ended: whatever else failed, they are out by then."""


class Callout:
    """Answers who may come in, and cuts off those who no longer may. `run` and `cut_off` are its tasks."""

    def __init__(
        self, credentials: DistrictCredentials, uses: Uses, signer: Signer, broker: NatsBroker
    ) -> None:
        self.credentials = credentials
        self.uses = uses
        self._signer = signer
        self._broker = broker
        self._clock = credentials.store.clock

    async def run(self) -> None:
        """Answer until cancelled, one of the registry's processes each time."""
        await answering(self._broker.connection, ASKED, "registry", self._answer, waiting_max=WAITING_MAX)

    async def _answer(self, question: Msg) -> None:
        try:
            knock = Knock.read(question.data)
            if knock.asked_until > self._clock().timestamp():  # else nobody waits any more
                await question.respond(await self._decide(knock))
        except (*AWAY, ValueError) as error:
            # Who is not answered comes again.
            log.warning("district not answered", reason=f"{type(error).__name__}: {error}"[:200])

    async def _decide(self, knock: Knock) -> bytes:
        """Return the answer to `knock`, once what it says of a credential there is was recorded."""
        at = self._clock()
        named = USER.fullmatch(knock.user)
        district, number = (named[1], int(named[2])) if named else ("", 0)
        credentials = await self.credentials.of(district) if named else None
        credential = credentials.numbered(number) if credentials else None
        if credential is None:
            log.warning("district turned away", reason="unknown", place=knock.place)
            return self._signer.turn_away(knock, "unknown", at=at)
        outcome = ACCEPTED
        expected = self.credentials.secrets.password(district, number)
        if not hmac.compare_digest(knock.password.encode(), expected.encode()):
            outcome = "wrong password"
        elif not credential.opens_at(at):
            outcome = "ended"
        use = Use(number, at, outcome, knock.place, knock.client)
        if outcome != ACCEPTED:
            await self.uses.record(district, use)
            log.warning("district turned away", district=district, reason=outcome, place=knock.place)
            return self._signer.turn_away(knock, outcome, at=at)
        await self.uses.record(district, use, server=knock.server, cid=knock.cid)
        return self._signer.let_in(knock, district, until=credential.ends_at, at=at)

    async def cut_off(self) -> None:
        """Disconnect whoever is connected by a credential that has ended."""
        for district, number in await self.uses.open():
            credential = await self._credential(district, number)
            if credential and credential.opens_at(self._clock()):
                continue
            while found := await self.uses.connections(district, number, CUT_MAX):
                over = await asyncio.gather(*(self._kick(one) for one in found))
                await self.uses.cut_off([one.id for one, cut in zip(found, over, strict=True) if cut])
                if not all(over):
                    return  # a server is away: again in a moment

    async def _credential(self, district: str, number: int) -> Credential | None:
        credentials = await self.credentials.of(district)
        return credentials.numbered(number) if credentials else None

    async def _kick(self, one: Connection) -> bool:
        """Return whether a connection is over: cut off now, or gone with its server."""
        try:
            await self._broker.connection.request(
                f"$SYS.REQ.SERVER.{one.server}.KICK",
                json.dumps({"cid": one.cid}).encode(),
                timeout=CUT_WITHIN_S,
            )
        except NoRespondersError:
            return True
        except (NatsError, TimeoutError):
            return False
        return True
