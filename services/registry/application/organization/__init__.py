"""Organizations: founded, found again beneath one another, and what becomes of them."""

from services.registry.application.organization.commands import (
    Dissolution,
    DissolveOrganization,
    FoundOrganization,
    MergeOrganization,
    Merger,
    Move,
    MoveOrganization,
    RenameOrganization,
    Renaming,
    Split,
    SplitOrganization,
    Successor,
)
from services.registry.application.organization.organizations import Organizations

__all__ = [
    "Dissolution",
    "DissolveOrganization",
    "FoundOrganization",
    "MergeOrganization",
    "Merger",
    "Move",
    "MoveOrganization",
    "Organizations",
    "RenameOrganization",
    "Renaming",
    "Split",
    "SplitOrganization",
    "Successor",
]
