"""The page of whichever list is asked for, known by the kind of what is asked: for routes and pages alike."""

from datetime import date
from typing import Any

from services.reporting.lists.listing import Asked, Page
from services.reporting.lists.members import MembersAsked, list_members
from services.reporting.lists.officials import OfficialsAsked, list_officials
from services.reporting.lists.organizations import OrganizationsAsked, list_organizations
from services.reporting.lists.targets import TargetsAsked, list_targets
from services.reporting.lists.transfers import TransfersAsked, list_transfers
from services.reporting.views import Views


async def page_of(views: Views, organization: str, day: date, asked: Asked) -> Page[Any]:
    """Return the page of the subtree on `day`. Raises RequestValidationError for a cursor of another list."""
    match asked:
        case OrganizationsAsked():
            return await list_organizations(views.tree, organization, day, asked)
        case MembersAsked():
            return await list_members(views.roster, organization, day, asked)
        case OfficialsAsked():
            return await list_officials(views, organization, day, asked)
        case TransfersAsked():
            return await list_transfers(views.roster, organization, day, asked)
        case TargetsAsked():
            return await list_targets(views, organization, day, asked)
        case _:
            raise LookupError(type(asked).__name__)
