"""The page of whichever list is asked for, known by the kind of what is asked: for routes and pages alike."""

from datetime import date
from typing import Any

from services.chassis.edge.after import positions_in
from services.reporting.known import Known
from services.reporting.lists.listing import Asked, Page
from services.reporting.lists.members import MembersAsked, list_members
from services.reporting.lists.obligations import ObligationsAsked, list_obligations
from services.reporting.lists.officials import OfficialsAsked, list_officials
from services.reporting.lists.organizations import OrganizationsAsked, list_organizations
from services.reporting.lists.targets import TargetsAsked, list_targets
from services.reporting.lists.transfers import TransfersAsked, list_transfers
from services.reporting.views import ViewName

READ: dict[type[Asked], tuple[ViewName, ...]] = {
    OrganizationsAsked: ("tree",),
    MembersAsked: ("roster",),
    OfficialsAsked: ("tree", "officials"),
    TransfersAsked: ("roster",),
    ObligationsAsked: ("obligations",),
    TargetsAsked: ("headcount", "classes", "structure"),
}
"""The views that each list is read from."""


async def page_of(known: Known, organization: str, day: date, asked: Asked) -> Page[Any]:
    """Return the page of the subtree on `day`, once its views have read what `asked.after` names.

    Raises RequestValidationError for a cursor of another list, and as `Known.read`.
    """
    after = positions_in(asked.after)
    if not isinstance(asked, OrganizationsAsked | TargetsAsked):
        await after.wait(known.live.roster)  # which knows who may be listed today
    async with known.read(after, asked.known_at, *READ[type(asked)]) as views:
        match asked:
            case OrganizationsAsked():
                return await list_organizations(views.tree, organization, day, asked)
            case MembersAsked():
                return await list_members(views.roster, organization, day, asked)
            case OfficialsAsked():
                return await list_officials(views, organization, day, asked)
            case TransfersAsked():
                return await list_transfers(views.roster, organization, day, asked)
            case ObligationsAsked():
                return await list_obligations(views, organization, day, asked)
            case TargetsAsked():
                return await list_targets(views, organization, day, asked)
            case _:
                raise LookupError(type(asked).__name__)
