"""Why a use case may fail. The HTTP edge and the intake map each to an answer; nothing else does."""

import re
from collections.abc import Mapping
from typing import Any


class Refused(Exception):
    """A rule said no. Retrying unchanged will be refused again (409). The docstring is the rule."""


class NotYetKnown(Refused):
    """It speaks of something not known here, which may still be on its way (409; intake waits a little)."""


class UnknownOrganization(NotYetKnown):
    """No organization with this code has been founded, or the news has not arrived here."""


class NotFound(Exception):
    """No such thing is known here (404)."""


class Forbidden(Exception):
    """The caller may not do this, or not there (403)."""


class Conflict(Exception):
    """Another writer was first (409 after three tries)."""


class AlreadyDone(Conflict):
    """What is to be recorded was recorded before: the same intake event, or the same cause of a policy."""


class ChangedSince(Exception):
    """It has changed since the client read it, so nothing was done (412): read it again, then decide."""


class Shifted(Conflict):
    """What a decision rested on has changed before it was stored: it is to be made anew."""


class Unauthenticated(Exception):
    """The caller has not shown who they are (401)."""


class Overloaded(Exception):
    """There is more to do than may wait here; nothing of this was done (503, try again in a moment)."""


def plainly(error: Mapping[str, Any]) -> str:
    """Return what one of pydantic's errors says, with days as a person writes them."""
    day = r"datetime\.date\((\d+), (\d+), (\d+)\)"
    return re.sub(day, lambda found: "{}-{:0>2}-{:0>2}".format(*found.groups()), str(error["msg"]))
