"""What reporting does when others speak: it records everything in the ledger, and its views follow that."""

from services.chassis.bounds import Bound
from services.chassis.recent import RECENT_MAX
from services.chassis.service import Service
from services.reporting.feed import LedgerFeed
from services.reporting.follower import Follower
from services.reporting.ledger import READ_MAX, Ledger
from services.reporting.views import Views

SOURCES = ("registry", "assessment", "classification", "notification")


def follow(service: Service, ledger: Ledger, views: Views) -> None:
    """Record every service's stream in `ledger`, each in its order; feed and rebuild `views` from there.

    Reporting publishes nothing, so replaying all of history has no effect but the views themselves.
    """
    service.follows(ledger, *SOURCES)
    feed = LedgerFeed(ledger)
    followers = [Follower(view, ledger) for view in views.all]
    for follower in followers:
        follower.view.wanted = ledger.wanted  # who waits for a view waits for what feeds it
        service.rebuilds(follower.view, feed)
        service.keeps_running(follower.run)
    service.bounds += [
        Bound("events of the ledger in hand", READ_MAX, lambda: max(one.in_hand for one in followers)),
        Bound("events kept for the views", 2 * RECENT_MAX, lambda: len(ledger.recent)),
    ]
