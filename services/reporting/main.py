"""Composition root: settings in, reporting out."""

import json
from functools import partial
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from services.chassis.clock import Clock, utc_now
from services.chassis.edge.operations import standing
from services.chassis.edge.rights import Rights
from services.chassis.service import Service
from services.chassis.settings import Settings
from services.reporting import console
from services.reporting.api import routes
from services.reporting.console import importing
from services.reporting.console.answers import Answers
from services.reporting.console.names import Names
from services.reporting.console.services import Services
from services.reporting.console.sign_in import SignIn
from services.reporting.known import Known
from services.reporting.ledger import Ledger
from services.reporting.lists.export import Files, Workbooks
from services.reporting.reactions import follow
from services.reporting.replay import Replay
from services.reporting.views import Views


class ReportingSettings(Settings):
    """Reporting's settings: those of every service, and the sample roles of the embedded runtime."""

    service: ClassVar[str] = "reporting"
    port_default: ClassVar[int] = 8100

    sign_in_tokens: Path | None = Field(
        default=None,
        description="JSON file {role: token} for one-click sign-in; only the embedded runtime has one",
    )

    registry_url: str = Field(
        default="",
        pattern=r"^(https?://[^\s/]+/?)?$",
        description="where the registry answers; without it the pages name no member and record nothing",
    )

    assessment_url: str = Field(
        default="",
        pattern=r"^(https?://[^\s/]+/?)?$",
        description="where assessment answers; without it no page shows or records what happens in cells",
    )

    classification_url: str = Field(
        default="",
        pattern=r"^(https?://[^\s/]+/?)?$",
        description="where classification answers; without it the page of districts lacks what it was sent",
    )

    def tokens(self) -> dict[str, str]:
        """Return the token of each sample role, by role; none unless the embedded runtime wrote them."""
        if self.sign_in_tokens is None:
            return {}
        tokens: dict[str, str] = json.loads(self.sign_in_tokens.read_text())
        return tokens


def create(settings: ReportingSettings, *, clock: Clock = utc_now) -> Service:
    """Return reporting, ready to run."""
    service = Service(
        settings, "Answers and proof: the ledger of all public events, figures, replay.", clock=clock
    )
    pool = service.pool
    ledger = Ledger(pool)
    views = Views.over(pool, clock)
    known = Known(views, ledger, clock)
    rights = Rights(views.tree, views.officials, clock)
    replay = Replay(ledger, views.tree, views.headcount)

    workbooks = Workbooks()
    files = service.inside.allow(importing.PATH, importing.FILE_MAX)
    service.bounds += [
        views.tree.known.bound,
        views.officials.known.bound,
        replay.bound,
        known.bound,
        workbooks.bound,
        files,
    ]
    follow(service, ledger, views)
    service.prepares(known.prepare)
    service.keeps_running(known.run)
    services = Services(
        {
            "registry": settings.registry_url,
            "assessment": settings.assessment_url,
            "classification": settings.classification_url,
        }
    )
    lists = Files(workbooks, Names(services).naming)
    service.answers(routes(known, replay, lists, rights, service.auth, clock))
    answers = Answers(known, replay, service.parking, partial(standing, service))
    sign_in = SignIn(service.auth.verify, settings.tokens())
    pages = console.routes(answers, sign_in, rights, workbooks, services, clock)
    # Asked when no route matches, not included among them: the pages answer every address, and the
    # operator's routes are added after this.
    service.api.router.default = pages
    return service


def main() -> None:
    """Run reporting until it is told to stop."""
    create(ReportingSettings.load()).run()
