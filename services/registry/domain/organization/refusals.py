"""When something about an organization is refused: the rule and its source, or that it is ours."""

from services.chassis.errors import NotYetKnown, Refused


class UnknownParent(NotYetKnown):
    """An organization is founded under, or moved to, one that is already founded (house rule)."""


class NotFounded(NotYetKnown):
    """Only an organization that is founded is renamed, moved, merged, split or dissolved (house rule)."""


class UnknownSuccessor(NotYetKnown):
    """An organization ends in, or gives a part of itself to, one that is already founded (house rule)."""


class ParentCannotHold(Refused):
    """Each kind of organization stands under certain kinds only (Charter arts. 10, 21, 24; 298-QĐ/TW)."""


class CannotKeepMembers(Refused):
    """Members come with a merger only to a cell or a grassroots committee (Charter arts. 21, 24)."""


class FoundedBeforeParent(Refused):
    """Nothing stands under what is not yet founded: no spell in the tree hangs free (house rule)."""


class BeforeFounding(Refused):
    """Nothing becomes of an organization before the day it is founded (house rule)."""


class OrganizationEnded(Refused):
    """An organization that was merged or dissolved takes nothing in and changes no more (house rule)."""


class NameUnchanged(Refused):
    """An organization is not renamed to the name it bears (house rule)."""


class AlreadyThere(Refused):
    """An organization is not moved to where it stands (house rule)."""


class BeneathItself(Refused):
    """Nothing stands under itself or under what is beneath it: a tree has no ring (house rule)."""


class MergedIntoItself(Refused):
    """An organization ends in another, not in itself (house rule)."""


class KindsDiffer(Refused):
    """Organizations of different kinds merge by a decision only, with number and date (house rule)."""


class SplitIntoItself(Refused):
    """An organization gives a part of itself to others; what stays needs no naming (house rule)."""


class NotEmpty(NotYetKnown):
    """Only an organization without members and with nothing beneath it is dissolved (house rule)."""


class OccupiedLater(Refused):
    """An organization is not dissolved on a day on which somebody still stood there (house rule)."""
