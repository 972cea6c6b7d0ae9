"""A district's folder, watched: files are taken, sent when the line is there, and answered."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pydantic import ValidationError

from contracts.publisher import Credentials, OtherSends, Outbox, Publisher, Unacceptable
from contracts.publisher.closing import close_period
from contracts.publisher.tables import Shown
from contracts.receipt import Receipt
from deploy.cli.failure import Failure
from deploy.cli.folder import Folder, Looked
from deploy.cli.screen import OUT, table

LOOK_EVERY_S = 2.0
SHOWN_MAX = 200


def read_credentials(file: Path) -> Credentials:
    """Return the credentials that a file holds. Raises Failure."""
    try:
        return Credentials.model_validate_json(file.read_bytes())
    except OSError as error:
        raise Failure(f"cannot read {file}: {error.strerror}") from None
    except ValidationError as error:
        where = ", ".join(sorted({str(one["loc"][0]) for one in error.errors() if one["loc"]}))
        raise Failure(f"{file} is not a credentials file: {where or 'not JSON'}") from None


@contextmanager
def opened(folder: Path, district: str) -> Iterator[Outbox]:
    """Open the outbox of a folder. Raises Failure."""
    if not folder.is_dir():
        raise Failure(f"there is no folder {folder}")
    kept = folder / ".outbox"
    kept.mkdir(exist_ok=True)
    with Outbox(kept / "events.db", source=f"urn:fourgood:{district.lower()}") as outbox:
        yield outbox


async def watch(
    folder: Path, credentials: Credentials, *, once: bool, close: str, timeout_s: float = 30.0
) -> bool:
    """Take what is put into a folder and send it, for ever; `once`: until what is there is answered.

    Return whether nothing was refused or rejected. Raises Failure, with `once` also if nothing is heard for
    `timeout_s`; what is unconfirmed stays stored.
    """
    with opened(folder, credentials.district) as outbox:
        watched, well = Folder(folder, outbox), _Well()
        try:
            async with Publisher(credentials, outbox, told=well.told) as publisher:
                for looked in watched.look(at_once=once):
                    well.took(looked)
                if close:
                    close_period(outbox, credentials, close)
                if once:
                    await _answered(publisher, well, timeout_s)
                while not once:
                    well.stands(publisher)
                    await asyncio.sleep(LOOK_EVERY_S)
                    for looked in watched.look():
                        well.took(looked)
        except (OtherSends, Unacceptable) as error:
            raise Failure(str(error)) from None
        OUT.print(_counted(outbox))
        return well.well


async def _answered(publisher: Publisher, well: "_Well", timeout_s: float) -> None:
    """Return when all is answered. Raises Failure."""
    while left := publisher.outbox.unconfirmed():
        heard = well.heard
        with suppress(TimeoutError):
            await asyncio.wait_for(publisher.confirmed(), timeout_s)
        if well.heard == heard:
            standing = publisher.standing
            why = f"no answer from {standing.said}" if standing.connected else standing.said
            raise Failure(f"{why}; {left:,} unconfirmed, kept to be sent the next time")


class _Well:
    """What a person is told, and whether all of it was good."""

    def __init__(self) -> None:
        self.well = True
        self.heard = 0
        self._stood: object = None

    def took(self, looked: Looked) -> None:
        """Say what became of a file."""
        if looked.again:
            OUT.print(f"{looked.name}: the same file was taken before")
        elif not looked.bad:
            known = f", {looked.known:,} were stored before" if looked.known else ""
            OUT.print(f"{looked.name}: {looked.new:,} events stored{known}")
        else:
            self.well = False
            rows = [(row or None, p.field, p.rule, p.detail) for row, p in looked.bad[:SHOWN_MAX]]
            OUT.print(f"{looked.name}: refused, nothing of it was stored; see {looked.report}")
            OUT.print(table("row", "column", "rule", "detail", rows=rows))

    def told(self, receipt: Receipt) -> None:
        """Say what was rejected."""
        self.heard += 1
        if receipt.outcome == "rejected":
            self.well = False
            said = (receipt.said.vi, receipt.said.en) if receipt.said else ()
            why = "; ".join(filter(None, (receipt.reason, *said, receipt.detail)))
            OUT.print(f"rejected: {receipt.id}: {why}")

    def stands(self, publisher: Publisher) -> None:
        """Say how it stands, where that has changed."""
        standing = publisher.standing
        stands = standing, publisher.outbox.unconfirmed(), self.heard
        if stands == self._stood:
            return  # to count all that was ever told takes a while after years
        self._stood = stands
        where = "connected to" if standing.connected else "not connected:"
        said = f"{where} {standing.said}; {_counted(publisher.outbox)}"
        if standing.lacking:
            ranges = [f"{service} {first}-{last}" for _, service, (first, last) in standing.lacking]
            said += f"; the province misses what is not in this folder: {', '.join(ranges)}"
        OUT.print(said)


def show(folder: Path, district: str) -> None:
    """Print what a folder has told, what is unconfirmed, and what was rejected and why. Raises Failure."""
    with opened(folder, district) as outbox:
        rows = [
            (s.source, s.service, f"{s.last:,}", f"{s.unconfirmed:,}", f"{s.accepted:,}", f"{s.rejected:,}")
            for s in outbox.streams()
        ]
        OUT.print(table("source", "owner", "last", "unconfirmed", "accepted", "rejected", rows=rows))
        waiting = outbox.shown(None, limit=SHOWN_MAX)
        if waiting:
            rows_ = [(one.service, one.number, one.id, one.type, one.stored_at[:19]) for one in waiting]
            OUT.print(table("owner", "number", "unconfirmed", "type", "stored", rows=rows_))
        rejected = outbox.shown("rejected", limit=SHOWN_MAX)
        if rejected:
            whys = [(one.service, one.number, one.id, one.reason, _why(one)) for one in rejected]
            OUT.print(table("owner", "number", "rejected", "reason", "why", rows=whys))


def _why(rejected: Shown) -> str:
    return "\n".join(filter(None, (rejected.said_vi, rejected.said_en, rejected.detail)))


def _counted(outbox: Outbox) -> str:
    """Return the counts of all streams in one line."""
    streams = outbox.streams()
    counts = [
        (sum(one.unconfirmed for one in streams), "unconfirmed"),
        (sum(one.accepted for one in streams), "accepted"),
        (sum(one.rejected for one in streams), "rejected"),
    ]
    return ", ".join(f"{count:,} {name}" for count, name in counts)
