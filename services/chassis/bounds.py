"""What is bounded, by how much, and how much of it is used: each queue, batch, cache, pool, body and message.

Nothing in a process may grow with what others send it. Whoever keeps something adds its bound to
`Service.bounds`; an operator sees all of them on /metrics, and the runbook has them as a table.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from prometheus_client.core import GaugeMetricFamily, Metric

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True)
class Bound:
    """One thing that cannot grow past `limit`; `used` says how much of it is in use at this moment.

    Of what comes and goes at once (a body, a batch) `used` is the largest there has been.
    """

    name: str
    limit: int
    used: Callable[[], int]


class Cache(Generic[K, V]):
    """What was looked up, by its key: the `limit` things used last."""

    def __init__(self, name: str, limit: int) -> None:
        self.bound = Bound(name, limit, lambda: len(self._things))
        self._things: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K) -> V | None:
        """Return what is kept under `key`, or None."""
        if key in self._things:
            self._things.move_to_end(key)
        return self._things.get(key)

    def put(self, key: K, thing: V) -> V:
        """Keep a thing, and forget the one that was not used for the longest time if there are too many."""
        self._things[key] = thing
        self._things.move_to_end(key)
        if len(self._things) > self.bound.limit:
            self._things.popitem(last=False)
        return thing

    def clear(self) -> None:
        """Forget everything."""
        self._things.clear()


def gauges(bounds: Sequence[Bound]) -> list[Metric]:
    """Return the limit and the use of each, as metrics labelled `what`."""
    limit = GaugeMetricFamily("bound_limit", "How much there may be", labels=["what"])
    used = GaugeMetricFamily("bound_used", "How much there is", labels=["what"])
    for bound in bounds:
        limit.add_metric([bound.name], bound.limit)
        used.add_metric([bound.name], bound.used())
    return [limit, used]
