"""Loading the sample once, through the same door a district uses."""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from itertools import groupby
from time import monotonic

from contracts.receipt import Receipt
from deploy.cli.district import District, Outgoing
from deploy.cli.failure import Failure
from deploy.embedded.runtime import Embedded
from deploy.sample import DISTRICTS, events

QUIET_S = 45.0
"""A restart of a service or server in the middle takes less."""

Report = Callable[[int, int], None]


class Loading:
    """One loading of the sample. A mark in the data folder says that all of it was answered."""

    def __init__(self, embedded: Embedded) -> None:
        self.embedded = embedded
        self.mark = embedded.data / "sample.loaded"
        self.outcome = ""
        """What a person is told at the end, in one line."""

    @property
    def was_done(self) -> bool:
        """Return whether an earlier start has loaded it."""
        return self.mark.exists()

    def run(self, report: Report) -> None:
        """Load everything, telling `report` how many of how many were answered. The end is in `outcome`."""
        try:
            self.outcome = asyncio.run(self._load(report))
        except Failure as failure:
            self.outcome = f"the sample was not loaded: {failure}; the next start tries again"

    async def _load(self, report: Report) -> str:
        began_at = monotonic()
        counts: Counter[str] = Counter()
        refused: Counter[str] = Counter()
        sample = [
            (district, Outgoing(event.source, event.id, event.type, event.model_dump_json().encode()))
            for district, event in events()
        ]

        def answered(event: Outgoing, receipt: Receipt) -> None:
            counts[receipt.outcome] += 1
            if receipt.outcome == "rejected":
                refused[f"{receipt.reason} ({event.type})"] += 1
            report(counts.total(), len(sample))

        async with AsyncExitStack() as stack:
            districts = {
                code: await stack.enter_async_context(District(code, self.embedded.nats_url(code), answered))
                for code in DISTRICTS
            }
            for code, group in groupby(sample, key=lambda pair: pair[0]):
                await districts[code].send([event for _, event in group])
            left = await asyncio.gather(*(district.settle(QUIET_S) for district in districts.values()))
        if unanswered := sum(len(events) for events in left):
            return f"{unanswered:,} of the sample's events were not answered; the next start tries again"
        self.mark.touch()
        said = f"sample: {len(sample):,} events in {monotonic() - began_at:.0f} s"
        return said + (f", {refused.total():,} rejected: {', '.join(refused)}" if refused else "")
