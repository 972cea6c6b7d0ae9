"""The rules of telling as data (`packs/notice-rules.json`): who is told, how patiently; with sources."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import Field

from services.chassis.stated import Rule, Stated
from services.notification.domain import Patience


class EmailRule(Rule):
    """How long mail is tried, and how old a notice may be to be mailed at all."""

    delays_s: tuple[int, ...]
    made_within_days: Annotated[int, Field(ge=1)]

    @property
    def patience(self) -> Patience:
        """Return how long to go on trying one notice."""
        return Patience(self.delays_s)


class OfficeRule(Rule):
    """Who is told: the secretary of the organization it is about, and whoever else the rule names.

    SUPERIOR is the secretary of the one above it, SUPERVISOR who follows the cell from above, COMMITTEE the
    secretary of the committee that has to deal with the matter.
    """

    to: Annotated[
        tuple[Literal["SECRETARY", "SUPERIOR", "SUPERVISOR", "COMMITTEE"], ...], Field(min_length=1)
    ]


class NewsRule(Rule):
    """How long what the registry noted is news. What it notes later is history, and told to nobody."""

    within_days: Annotated[int, Field(ge=1)]

    def since(self, now: datetime) -> date:
        """Return the first day of which it is news at `now`."""
        return (now - timedelta(days=self.within_days)).date()


class NoticeRules(Stated):
    """All of it, in one version."""

    name: str
    version: str
    offices: dict[str, OfficeRule]
    news: NewsRule
    email: EmailRule


def read_rules() -> NoticeRules:
    """Return the rules that come with the service."""
    return NoticeRules.model_validate_json(
        (files("services.notification") / "packs" / "notice-rules.json").read_bytes()
    )
