"""Scoring packs as data: checked before they are used, and the sheets filled in by them."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from contracts.message import Code, Instant
from contracts.vocabulary import Figure, LegalTag, Line, Score, Text, Word
from services.assessment.domain.bands import WHOLE, Span, holes
from services.assessment.domain.criteria import Threshold
from services.assessment.domain.scoring import (
    MEASURED_OF_ONE,
    BadPack,
    Band,
    Component,
    Judged,
    ScoringPack,
    Sheet,
)
from services.chassis.errors import Refused
from services.chassis.stated import Command

PACKS = Path(__file__).parents[1] / "packs" / "scoring"


class UnknownScoringPack(Refused):
    """A meeting is scored by a pack that is kept here, in a version that is (house rule)."""


# -- A pack as it is stated


class Row(Command):
    """A row of a pack: what it is called, where it comes from, and how far it is law."""

    name_vi: Line
    name_en: Line
    source: Line
    legal_tag: LegalTag


class ComponentStated(Row):
    """A line of the sheet, and the most it is worth."""

    component: Word
    points_max: Score


class BandStated(Row):
    """A level: from `points_min` on, up to but not including `below`; the top has none."""

    level: Word
    points_min: Score
    below: Score | None = None
    full_marks: Annotated[tuple[Word, ...], Field(max_length=30)] = ()


class TestStated(Command):
    """What a figure must be."""

    op: Literal["gt", "gte", "eq", "lte"]
    value: Figure


class CriterionStated(Row):
    """A criterion that the record answers."""

    criterion: Word
    measured_by: Word
    test: TestStated


class ScoringPackStated(Command):
    """A scoring pack: a sheet of points with its bands, or criteria without points."""

    name: Line
    version: Line
    title: Line
    note: Text
    kinds: Annotated[
        tuple[Literal["REGULAR", "THEMATIC", "EXTRAORDINARY"], ...], Field(min_length=1, max_length=3)
    ]
    components: Annotated[tuple[ComponentStated, ...], Field(max_length=30)] = ()
    levels: Annotated[tuple[BandStated, ...], Field(max_length=10)] = ()
    criteria: Annotated[tuple[CriterionStated, ...], Field(max_length=30)] = ()

    def pack(self) -> ScoringPack:
        """Return what meetings are scored by. Raises BadPack, naming each row, its rule and its source."""
        if problems := [*self._problems()]:
            raise BadPack(f"{self.name} {self.version}: {'; '.join(problems)}")
        return ScoringPack(
            name=self.name,
            version=self.version,
            kinds=self.kinds,
            components=tuple(Component(one.component, one.points_max) for one in self.components),
            bands=tuple(Band(b.level, b.points_min, b.below, b.full_marks) for b in self.levels),
            criteria=tuple(
                Judged(one.criterion, one.measured_by, Threshold(one.test.op, one.test.value))
                for one in self.criteria
            ),
        )

    def _problems(self) -> Iterator[str]:
        if bool(self.criteria) is bool(self.components and self.levels):
            yield "it has either components and levels, or criteria"
        yield from _twice("components", [one.component for one in self.components])
        yield from _twice("levels", [one.level for one in self.levels])
        yield from _twice("criteria", [one.criterion for one in self.criteria])
        total = sum((one.points_max for one in self.components), Decimal(0))
        if self.components and total != WHOLE:
            yield f"components: their maxima add up to {total}, not to {WHOLE} ({self.components[-1].source})"
        known = {one.component for one in self.components}
        for place, band in enumerate(self.levels):
            if strange := set(band.full_marks) - known:
                yield f"levels[{place}] {band.level}: full marks in {min(strange)}, no line ({band.source})"
            if band.points_min == 0 and band.full_marks:
                yield f"levels: {band.level} is the lowest, and asks for full marks ({band.source})"
        for problem in holes(Span(b.level, b.points_min, b.below, b.source) for b in self.levels):
            yield f"levels: {problem}"
        for place, one in enumerate(self.criteria):
            if one.measured_by not in MEASURED_OF_ONE:
                yield f"criteria[{place}] {one.criterion}: nothing measures {one.measured_by} ({one.source})"


def _twice(rows: str, names: Sequence[str]) -> Iterator[str]:
    for place, name in enumerate(names):
        if name in names[:place]:
            yield f"{rows}[{place}] {name}: it is there twice"


# -- The packs kept here, and a sheet


class PackNamed(Command):
    """A pack by name and version."""

    name: Line
    version: Line

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class PointsGiven(Command):
    """The points of one line of a sheet."""

    component: Word
    points: Score


class SheetFilledIn(Command):
    """Points by component, given by the cell or by the committee `superior` above it."""

    organization: Code
    pack: PackNamed
    points: Annotated[tuple[PointsGiven, ...], Field(min_length=1, max_length=30)]
    scored_at: Instant
    superior: Code | None = None

    def sheet(self) -> Sheet:
        """Return what was filled in."""
        points = tuple((one.component, one.points) for one in self.points)
        return Sheet(points, self.scored_at, self.superior)


class ScoreMeeting(SheetFilledIn):
    """Score a meeting."""

    meeting: Code


class ScoringPacks:
    """The packs kept here: as stated, and as meetings are scored by them."""

    def __init__(self, stated: Sequence[ScoringPackStated]) -> None:
        self.stated = stated
        self.packs = {pack.id: pack for pack in (one.pack() for one in stated)}

    def find(self, named: PackNamed) -> ScoringPack:
        """Return a pack. Raises UnknownScoringPack."""
        if found := self.packs.get(str(named)):
            return found
        raise UnknownScoringPack(f"{named}; there are {', '.join(sorted(self.packs))}")


def read_scoring_packs(folder: Path = PACKS) -> ScoringPacks:
    """Return the scoring packs in `folder`. Raises BadPack, or pydantic's ValidationError."""
    return ScoringPacks(
        [ScoringPackStated.model_validate_json(file.read_bytes()) for file in sorted(folder.glob("*.json"))]
    )
