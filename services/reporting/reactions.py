"""What reporting does when others speak: it records everything in the ledger, and its views follow that."""

from services.chassis.service import Service
from services.reporting.follower import Follower
from services.reporting.ledger import Ledger, LedgerFeed
from services.reporting.views import Views

SOURCES = ("registry", "assessment", "classification", "notification")


def follow(service: Service, ledger: Ledger, views: Views) -> None:
    """Record every service's stream in `ledger`, each in its order; feed and rebuild `views` from there.

    Reporting publishes nothing, so replaying all of history has no effect but the views themselves.
    """
    service.follows(ledger, *SOURCES)
    feed = LedgerFeed(ledger)
    for view in views.all:
        service.rebuilds(view, feed)
        service.keeps_running(Follower(view, ledger).run)
