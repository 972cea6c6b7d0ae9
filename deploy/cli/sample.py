"""Loading the sample once, through the same door a district uses."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from itertools import groupby
from time import monotonic

from contracts.message import CloudEvent
from contracts.receipt import Receipt
from deploy.cli.district import District, Outgoing, credentials_of
from deploy.cli.failure import Failure
from deploy.embedded.runtime import Embedded
from deploy.sample import CHAPTERS, DISTRICTS

QUIET_S = 45.0
"""A restart of a service or server in the middle takes less."""

EARLY = "UnknownOrganization"
"""The reason of a receipt that time may change."""

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
        answers: dict[Outgoing, Receipt] = {}
        chapters = [_outgoing(chapter()) for chapter in CHAPTERS]
        total = sum(map(len, chapters))

        def answered(event: Outgoing, receipt: Receipt) -> None:
            answers[event] = receipt
            report(len(answers), total)

        async with AsyncExitStack() as stack:
            districts = {
                code: await stack.enter_async_context(
                    District(credentials_of(code, self.embedded.nats_url(code)), answered)
                )
                for code in DISTRICTS
            }
            for chapter in chapters:
                await _send(districts, chapter)
                # Where a machine is short of breath, news of an organization may come later than its members.
                await _send(districts, [pair for pair in chapter if _is_early(answers.get(pair[1]))])
                if any(event not in answers for _, event in chapter):
                    break
        if unanswered := total - len(answers):
            return f"{unanswered:,} of the sample's events were not answered; the next start tries again"
        self.mark.touch()
        refused = Counter(str(said.reason) for said in answers.values() if said.outcome == "rejected")
        said = f"sample: {total:,} events in {monotonic() - began_at:.0f} s"
        return said + (f", {refused.total():,} rejected: {', '.join(refused)}" if refused else "")


def _outgoing(sample: Iterable[tuple[str, CloudEvent]]) -> list[tuple[str, Outgoing]]:
    return [
        (district, Outgoing(event.source, event.id, event.type, event.model_dump_json().encode()))
        for district, event in sample
    ]


async def _send(districts: dict[str, District], sample: Sequence[tuple[str, Outgoing]]) -> None:
    """Send `sample` in its order, each event as its district, and wait for the receipts."""
    for code, group in groupby(sample, key=lambda pair: pair[0]):
        await districts[code].send([event for _, event in group])
    await asyncio.gather(*(district.settle(QUIET_S) for district in districts.values()))


def _is_early(receipt: Receipt | None) -> bool:
    return receipt is not None and receipt.reason == EARLY
