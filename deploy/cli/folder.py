"""A folder that a clerk puts files into: each is taken once, whatever is killed, or refused as a whole."""

import csv
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from contracts.publisher import Outbox, Problem, Unacceptable
from deploy.cli import sheets

TAKEN, REFUSED = "taken", "refused"
UNFINISHED = (".", "~$")
"""How files begin that programs keep beside those they write."""


@dataclass(frozen=True)
class Looked:
    """What became of one file. Nothing bad: `new` events were stored, `known` were stored before."""

    name: str
    new: int = 0
    known: int = 0
    bad: tuple[tuple[int, Problem], ...] = ()
    report: Path | None = None
    again: bool = False
    """The same file was taken before."""


class Folder:
    """One folder, and the outbox that its files go to."""

    def __init__(self, path: Path, outbox: Outbox) -> None:
        self.path = path
        self.outbox = outbox
        self._seen: dict[Path, tuple[int, int]] = {}

    def look(self, *, at_once: bool = False) -> Iterator[Looked]:
        """Take every file that has not changed since the last look; `at_once` takes what is there."""
        seen = {file: (said.st_size, said.st_mtime_ns) for file in self._files() if (said := _stat(file))}
        ready = [file for file, now in seen.items() if at_once or self._seen.get(file) == now]
        self._seen = seen
        for file in sorted(ready):
            yield self.take(file)

    def take(self, file: Path) -> Looked:
        """Store the events of a file and move it to `taken`, or, if a row is bad, to `refused` with a report.

        What dies in between is done again: a file is known by its content, an event by its id.
        """
        body = file.read_bytes()
        digest = sha256(body).hexdigest()
        if self.outbox.has_batch(digest):
            self._move(file, TAKEN, digest)
            return Looked(file.name, again=True)
        sheet = sheets.read(file.name, body, self.outbox.source)
        if not sheet.bad:
            try:
                stored = self.outbox.add_once(digest, file.name, sheet.events) or []
            except Unacceptable as error:
                rows = {event.id: row for event, row in zip(sheet.events, sheet.rows, strict=True)}
                sheet.bad += [(rows.get(p.detail.partition(" ")[0], 0), p) for p in error.problems]
            else:
                new = sum(one.new for one in stored)
                self._move(file, TAKEN, digest)
                return Looked(file.name, new=new, known=len(stored) - new)
        return self._refuse(file, digest, sheet.bad)

    def _refuse(self, file: Path, digest: str, bad: list[tuple[int, Problem]]) -> Looked:
        said = io.StringIO(newline="")
        table = csv.writer(said)
        table.writerow(["row", "column", "rule", "detail"])
        table.writerows([row, problem.field, problem.rule, problem.detail] for row, problem in bad)
        report = self._place(REFUSED, f"{file.name}.problems.csv")
        unfinished = report.with_name(f".{report.name}")
        unfinished.write_text(said.getvalue(), encoding="utf-8-sig")
        unfinished.replace(report)
        self._move(file, REFUSED, digest)
        return Looked(file.name, bad=tuple(bad), report=report)

    def _move(self, file: Path, to: str, digest: str) -> None:
        place = self._place(to, file.name)
        if place.exists() and to == TAKEN:
            place = place.with_name(f"{file.stem}.{digest[:8]}{file.suffix}")
        file.replace(place)

    def _place(self, folder: str, name: str) -> Path:
        (self.path / folder).mkdir(exist_ok=True)
        return self.path / folder / name

    def _files(self) -> Iterator[Path]:
        for file in self.path.iterdir():
            if (
                file.suffix.lower() in sheets.SHAPES
                and not file.name.startswith(UNFINISHED)
                and file.is_file()
            ):
                yield file


def _stat(file: Path) -> os.stat_result | None:
    try:
        return file.stat()
    except FileNotFoundError:
        return None  # whoever put it there took it away
