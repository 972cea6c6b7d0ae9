"""What is bounded, by how much, and how much of it is used: each queue, batch, cache, pool, body and message.

Nothing in a process may grow with what others send it. Whoever keeps something adds its bound to
`Service.bounds`; an operator sees all of them on /metrics, and the runbook has them as a table.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from prometheus_client.core import GaugeMetricFamily, Metric


@dataclass(frozen=True)
class Bound:
    """One thing that cannot grow past `limit`; `used` says how much of it is in use at this moment.

    Of what comes and goes at once (a body, a batch) `used` is the largest there has been.
    """

    name: str
    limit: int
    used: Callable[[], int]


def gauges(bounds: Sequence[Bound]) -> list[Metric]:
    """Return the limit and the use of each, as metrics labelled `what`."""
    limit = GaugeMetricFamily("bound_limit", "How much there may be", labels=["what"])
    used = GaugeMetricFamily("bound_used", "How much there is", labels=["what"])
    for bound in bounds:
        limit.add_metric([bound.name], bound.limit)
        used.add_metric([bound.name], bound.used())
    return [limit, used]
