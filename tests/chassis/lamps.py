"""A service in small, for tests of the intake."""

from psycopg import OperationalError

from services.chassis.errors import AlreadyDone, Conflict, NotYetKnown, Refused
from services.chassis.eventlog.store import retried
from services.chassis.parked import ParkingLot
from tests.chassis.story import Lamp


class CodeTaken(Refused):
    """A code is given once."""


class LampUnknown(NotYetKnown):
    """A lamp is lit after it was installed."""


class Lamps:
    """A service in small: foundings install a lamp, admissions light it, targets meet a defect."""

    def __init__(self, store):
        self.store = store
        self.trouble = []
        self.away = {}
        """How often the database is away when a member is admitted, by code."""
        self.asking = set()
        """Members for whom the database is asked something before they are admitted."""
        self.taken = []

    def handlers(self):
        return {
            "OrganizationFounded": self.install,
            "MemberAdmitted": retried(self.light),
            "AdmissionTargetSet": self.fail,
        }

    async def install_anew(self, event, origin):
        """Install a lamp of its own for a member admitted: it begins, and changes nothing there was."""
        if self.away.get(event.member, 0) > 0:
            self.away[event.member] -= 1
            raise OperationalError("the connection is lost")
        if event.member in self.asking:
            await self.store.head()
        try:
            receipt = await self.store.record(Lamp.install(event.member), origin=origin)
        except AlreadyDone:
            raise
        except Conflict as error:
            raise CodeTaken(f"{event.member} is taken") from error
        self.taken.append(event.member)
        return receipt

    async def install(self, event, origin):
        if self.trouble:
            raise self.trouble.pop()
        try:
            return await self.store.record(Lamp.install(event.organization), origin=origin)
        except AlreadyDone:
            raise
        except Conflict as error:
            raise CodeTaken(f"{event.organization} is taken") from error

    async def light(self, event, origin):
        if self.away.get(event.member, 0) > 0:
            self.away[event.member] -= 1
            raise OperationalError("the connection is lost")
        lamp = await self.store.look_up(Lamp, f"lamp-{event.organization}")
        if lamp is None:
            raise LampUnknown(f"no lamp {event.organization}")
        lamp.light()
        receipt = await self.store.record(lamp, origin=origin)
        self.taken.append(event.member)
        return receipt

    async def fail(self, event, origin):
        raise ZeroDivisionError("a defect of ours")


async def parked(store):
    return await ParkingLot(store.pool).listing()
