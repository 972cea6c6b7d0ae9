"""Organizations: founded, found again beneath one another, and what becomes of them."""

from services.registry.application.organization.commands import (
    DissolveOrganization,
    FoundOrganization,
    MergeOrganization,
    MoveOrganization,
    RenameOrganization,
    SplitOrganization,
    Successor,
)
from services.registry.application.organization.organizations import Organizations

__all__ = [
    "DissolveOrganization",
    "FoundOrganization",
    "MergeOrganization",
    "MoveOrganization",
    "Organizations",
    "RenameOrganization",
    "SplitOrganization",
    "Successor",
]
