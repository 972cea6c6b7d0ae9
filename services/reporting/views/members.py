"""The members of one organization on a day, one by one, from the events until then."""

from collections.abc import Collection

from services.chassis.views.counts import FULL, MemberRecognized, MembershipEnded, MemberTransferred
from services.chassis.views.places import Seen
from services.reporting.events import MemberAdmitted


class Roll:
    """The members of one organization on a day, from the events until that day, in the order of their days.

    It is told what happened here, who went away, and who of those who came was recognised elsewhere. Here
    is also what merged into it by then, as `lying` says.
    """

    def __init__(self, organization: str, lying: Collection[str] = ()) -> None:
        self.here = {organization, *lying}
        self.standings: dict[str, str] = {}
        self._full: set[str] = set()

    def take(self, event: Seen) -> None:
        """Take in an event; one that is not about members changes nothing."""
        match event:
            case MemberAdmitted():
                self.standings[event.member] = event.standing
            case MemberRecognized():
                self._full.add(event.member)
            case MemberTransferred() if event.organization in self.here:
                self.standings[event.member] = event.standing
            case MemberTransferred() if event.origin in self.here:
                self.standings.pop(event.member, None)
            case MembershipEnded():
                self.standings.pop(event.member, None)

    @property
    def full(self) -> int:
        """Return how many are full members."""
        return sum(standing == FULL or member in self._full for member, standing in self.standings.items())

    @property
    def probationary(self) -> int:
        """Return how many are on probation."""
        return len(self.standings) - self.full
