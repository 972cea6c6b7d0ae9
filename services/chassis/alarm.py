"""What the machinery found and cannot heal by itself: said in the log and counted, for a person to see."""

from typing import Literal

import structlog
from prometheus_client import CollectorRegistry, Counter

log = structlog.get_logger()

Kind = Literal["gap", "stream_ahead", "view_ahead", "envelope_unreadable"]
KINDS: dict[Kind, str] = {
    "gap": "an event is missing in a stream, and its owner's log has nothing in its place",
    "stream_ahead": "a stream holds events that its owner's log does not: the database was restored",
    "view_ahead": "a view has read events that their owner's log does not hold: the database was restored",
    "envelope_unreadable": "a message of a stream is no envelope that this version can read",
}
"""What may be raised, and what it means. The runbook says what to do."""


class Alarms:
    """The alarms of one service: a line `alarm=<kind>` in its log, and `alarms_total{kind}` on /metrics."""

    def __init__(self, metrics: CollectorRegistry | None = None) -> None:
        self._raised = Counter("alarms", "What a person must see to", ["kind"], registry=metrics)
        for kind in KINDS:
            self._raised.labels(kind)

    def raised(self, kind: Kind, **fields: object) -> None:
        """Tell that `kind` is so. It may be told again for as long as it lasts."""
        self._raised.labels(kind).inc()
        log.error(KINDS[kind], alarm=kind, **fields)

    def count(self, kind: Kind) -> int:
        """Return how often `kind` was told."""
        return int(self._raised.labels(kind)._value.get())
