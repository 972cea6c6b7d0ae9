"""Composition root: settings in, classification out."""

from typing import ClassVar

from services.chassis.clock import Clock, utc_now
from services.chassis.districts.deciding import Decided
from services.chassis.districts.preview import Preview
from services.chassis.edge import received
from services.chassis.edge.rights import Rights
from services.chassis.eventlog.store import Store
from services.chassis.service import Service
from services.chassis.settings import Settings
from services.chassis.views.officials import Officials
from services.chassis.views.tree import Tree
from services.classification.api import routes
from services.classification.application import Classifications, read_packs
from services.classification.publication import publish
from services.classification.reactions import check, handlers
from services.classification.views import Dossiers


class ClassificationSettings(Settings):
    """Classification's settings: those of every service."""

    service: ClassVar[str] = "classification"
    port_default: ClassVar[int] = 8103


def create(settings: ClassificationSettings, *, clock: Clock = utc_now) -> Service:
    """Return classification, ready to run."""
    service = Service(
        settings,
        "Which class an organization has for a year, and why: rule packs, dossiers, decisions.",
        clock=clock,
    )
    tree = Tree(service.pool)
    officials = Officials(service.pool)
    dossiers = Dossiers(service.pool)
    rights = Rights(tree, officials, clock)
    store, packs = service.keeps_log(), read_packs()
    classifications = Classifications(store, tree, dossiers, packs)

    def deciding(log: Store) -> Decided:
        return handlers(Classifications(log, tree, dossiers, packs)), check(rights)

    service.bounds += [tree.known.bound, officials.known.bound]
    service.publishes(publish)
    service.follows(tree, "registry")
    service.follows(officials, "registry")
    service.follows(dossiers, "registry", "assessment")
    intake = service.takes(handlers(classifications), check=check(rights))
    preview = Preview(store, deciding, service.broker)
    service.bounds += preview.turns.bounds
    service.keeps_running(preview.run)
    service.answers(routes(classifications, dossiers, rights, service.auth))
    service.answers(received.routes(intake, rights, service.auth))
    return service


def main() -> None:
    """Run classification until it is told to stop."""
    create(ClassificationSettings.load()).run()
