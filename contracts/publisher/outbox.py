"""What a district keeps of what it tells: every event, numbered, until the province's receipt and after.

One SQLite file. An event is numbered and stored in one transaction that is on the disk when `add`
returns; whatever dies later, it is sent.
"""

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from contracts.publisher.checking import Checked, Problem, Unacceptable, checked
from contracts.publisher.clock import now
from contracts.publisher.tables import TABLES, Outgoing, Shown, Stored, Stream
from contracts.receipt import Receipt

WAIT_S = 30.0
"""How long one program waits for another that writes to the same file."""

Ranges = Iterable[Sequence[int]]
"""First and last number of each."""


class Outbox:
    """One district's events in one file: `with Outbox("events.db", source="urn:than-uyen") as outbox`.

    Several programs may add to a file at once; one sends. A thread opens its own.
    """

    def __init__(self, file: Path | str, *, source: str, clock: Callable[[], datetime] = now) -> None:
        self.file = Path(file)
        self.source = source
        self.clock = clock
        self.db = sqlite3.connect(self.file, timeout=WAIT_S, isolation_level=None)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = FULL")
        self.db.executescript(TABLES)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self.db.close()

    # -- Storing

    def add(self, type: str, data: Mapping[str, Any], **attributes: str | None) -> Stored:
        """Number and store one event; it is on the disk when this returns. Raises Unacceptable.

        `attributes` are those of a CloudEvent: `id`, `replaces`, `subject`, `time`.
        """
        return self.add_all([{"type": type, "data": data, **attributes}])[0]

    def add_all(self, events: Iterable[Mapping[str, Any]]) -> list[Stored]:
        """Number and store events in their order, all or none. Raises Unacceptable."""
        return self.insert([checked(event, self.source) for event in events])

    def add_once(self, batch: str, told: str, events: Sequence[Checked]) -> list[Stored] | None:
        """Store events as a batch of a name that is used once, all or none. None: it was stored before."""
        with self._writing():
            row = (batch, told, self.clock().isoformat())
            if not self.db.execute("INSERT OR IGNORE INTO batch VALUES (?, ?, ?)", row).rowcount:
                return None
            return self._insert(events)

    def insert(self, events: Sequence[Checked]) -> list[Stored]:
        """Number and store what was checked, all or none. Raises Unacceptable."""
        with self._writing():
            return self._insert(events)

    def has_batch(self, name: str) -> bool:
        """Return whether a batch of that name was stored."""
        return bool(self.db.execute("SELECT 1 FROM batch WHERE name = ?", (name,)).fetchone())

    def _insert(self, events: Sequence[Checked]) -> list[Stored]:
        last = {
            (source, service): n
            for source, service, n in self.db.execute("SELECT source, service, last FROM stream")
        }
        at, answers = self.clock().isoformat(), []
        for event in events:
            known = self.db.execute(
                "SELECT number, content FROM event WHERE source = ? AND id = ?", (event.source, event.id)
            ).fetchone()
            if known and known[1] != event.content:
                raise Unacceptable(Problem("id", "IdReused", f"{event.id} is stored with other content"))
            stream = event.source, event.service
            number = known[0] if known else last.get(stream, 0) + 1
            answers.append(Stored(event.id, event.service, number, new=not known))
            if known:
                continue
            last[stream] = number
            self.db.execute(
                "INSERT INTO event (source, service, number, id, type, content, stored_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (*stream, number, event.id, event.type, event.content, at),
            )
        self.db.executemany(
            "INSERT INTO stream (source, service, last) VALUES (?, ?, ?)"
            " ON CONFLICT DO UPDATE SET last = excluded.last WHERE last <> excluded.last",
            [(*stream, number) for stream, number in last.items()],
        )
        return answers

    # -- Sending

    def due(self, *, after: int, but: Collection[int], limit: int, bytes_max: int) -> list[Outgoing]:
        """Return the next unconfirmed events in their order, beyond a position and except for some.

        No more than `limit`, nor than `bytes_max` but for the first.
        """
        rows = self.db.execute(
            "SELECT position, service, number, type, content FROM event"
            " WHERE outcome IS NULL AND position > ? ORDER BY position",
            (after,),
        )
        found: list[Outgoing] = []
        size = 0
        for position, service, number, type, content in rows:
            if position in but:
                continue
            size += len(content)
            if len(found) == limit or (found and size > bytes_max):
                break
            found.append(Outgoing(position, service, type, numbered(content, number)))
        rows.close()
        return found

    def unoffered(self) -> list[tuple[str, str]]:
        """Return the streams of which nothing was sent yet."""
        return self.db.execute("SELECT source, service FROM stream WHERE offered = 0").fetchall()

    def last_offered(self) -> dict[tuple[str, str], int]:
        """Return the highest number of each stream of which anything was sent, by source and service."""
        rows = self.db.execute("SELECT source, service, last FROM stream WHERE offered = 1")
        return {(source, service): last for source, service, last in rows}

    def offer(self) -> None:
        """Note that from now on anything may have been sent: no number can change any more."""
        self.db.execute("UPDATE stream SET offered = 1 WHERE offered = 0")

    def settle(self, receipts: Iterable[Receipt]) -> list[int]:
        """Keep what the province said. Return the positions it said it of.

        What was accepted stays so; what was rejected may be accepted after all, by an operator.
        """
        told: list[int] = []
        with self._writing():
            for receipt in receipts:
                row = self.db.execute(
                    "UPDATE event SET outcome = ?, reason = ?, detail = ?, said_vi = ?, said_en = ?,"
                    " decided_at = ?"
                    " WHERE source = ? AND id = ? AND number = coalesce(?, number)"
                    " AND (outcome IS NULL OR outcome = 'rejected') RETURNING position",
                    (
                        receipt.outcome,
                        receipt.reason,
                        receipt.detail,
                        receipt.said and receipt.said.vi,
                        receipt.said and receipt.said.en,
                        receipt.decided_at.isoformat(),
                        receipt.source,
                        receipt.id,
                        receipt.number,
                    ),
                ).fetchone()
                told += row or ()
        return told

    def reopen(self, source: str, service: str, missing: Ranges, *, but: Collection[int]) -> list[int]:
        """Return the positions of what the province misses, to be sent again whatever it said before.

        `but` are positions that it had no time to count. What it misses and this file has not is left out.
        """
        found: list[int] = []
        with self._writing():
            for first, last in missing:
                rows = self.db.execute(
                    "SELECT position FROM event WHERE source = ? AND service = ? AND number BETWEEN ? AND ?",
                    (source, service, first, last),
                )
                found += [position for (position,) in rows if position not in but]
            self.db.executemany(
                "UPDATE event SET outcome = NULL, reason = NULL, detail = NULL, said_vi = NULL,"
                " said_en = NULL"
                " WHERE position = ? AND outcome IS NOT NULL",
                [(position,) for position in found],
            )
        return found

    def begin_after(self, source: str, service: str, last: int) -> None:
        """Give out no number up to `last`, which the province has seen: another file was before this one.

        What was stored and never sent is numbered anew behind them.
        """
        stream = source, service
        of = "WHERE source = ? AND service = ?"
        with self._writing():
            row = self.db.execute(f"SELECT last, offered FROM stream {of}", stream).fetchone()
            if row is None:
                return
            ours, offered = row
            if not offered:
                [first] = self.db.execute(f"SELECT min(number) FROM event {of}", stream).fetchone()
                behind = max(0, last + 1 - first)
                # By way of negative numbers: at no moment may two events have the same.
                self.db.execute(f"UPDATE event SET number = -number - {behind:d} {of}", stream)
                self.db.execute(f"UPDATE event SET number = -number {of}", stream)
                last = ours + behind
            self.db.execute(f"UPDATE stream SET last = max(last, ?) {of}", (last, *stream))

    # -- Showing

    def streams(self) -> list[Stream]:
        """Return every stream with its counts."""
        rows = self.db.execute(
            "SELECT s.source, s.service, s.last, count(*) FILTER (WHERE outcome IS NULL),"
            " count(*) FILTER (WHERE outcome IN ('accepted', 'duplicate')),"
            " count(*) FILTER (WHERE outcome = 'rejected')"
            " FROM stream s JOIN event e USING (source, service)"
            " GROUP BY s.source, s.service, s.last ORDER BY s.source, s.service"
        )
        return [Stream(*row) for row in rows]

    def unconfirmed(self) -> int:
        """Return how many events the province has not answered."""
        [count] = self.db.execute("SELECT count(*) FROM event WHERE outcome IS NULL").fetchone()
        return int(count)

    def shown(self, outcome: str | None, *, limit: int) -> list[Shown]:
        """Return the last stored events of an outcome; of None: the first that have none."""
        which = "IS NULL ORDER BY position" if outcome is None else "= ? ORDER BY position DESC"
        rows = self.db.execute(
            "SELECT source, service, number, id, type, stored_at, outcome, reason, detail, said_vi, said_en"
            f" FROM event WHERE outcome {which} LIMIT {limit:d}",
            () if outcome is None else (outcome,),
        )
        return [Shown(*row) for row in rows]

    def between(self, source: str, service: str, first: int, last: int) -> Iterator[tuple[int, str, bytes]]:
        """Yield number, id and content of one stream's events, by number."""
        yield from self.db.execute(
            "SELECT number, id, content FROM event"
            " WHERE source = ? AND service = ? AND number BETWEEN ? AND ? ORDER BY number",
            (source, service, first, last),
        )

    def count(self, source: str, service: str, first: int, last: int) -> int:
        """Return how many of these numbers are in this file."""
        [count] = self.db.execute(
            "SELECT count(*) FROM event WHERE source = ? AND service = ? AND number BETWEEN ? AND ?",
            (source, service, first, last),
        ).fetchone()
        return int(count)

    def latest(self, source: str, type: str) -> bytes | None:
        """Return the content of the last event of a type that was not rejected."""
        row = self.db.execute(
            "SELECT content FROM event WHERE source = ? AND type = ? AND outcome IS NOT 'rejected'"
            " ORDER BY position DESC LIMIT 1",
            (source, type),
        ).fetchone()
        return row and bytes(row[0])

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Hold the file while the body changes it: all of it, or nothing."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")


def numbered(content: bytes, number: int) -> bytes:
    """Return an event as it is sent."""
    return b'%s,"number":%d}' % (content[:-1], number)
