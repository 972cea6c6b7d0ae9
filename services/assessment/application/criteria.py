"""Criteria as they are stated: goods with their questions, the bands of their points, and packs of both."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, computed_field

from contracts.assessment import CriterionCode, GoodCode
from contracts.registry import Sector
from contracts.vocabulary import Document, Figure, Flag, LegalTag, Line, Score, Text, Word
from services.assessment.domain import Good
from services.assessment.domain.scoring import BadPack
from services.assessment.domain.soundness import Band, found
from services.chassis.stated import Command

PACKS = Path(__file__).parents[1] / "packs"

Kinds = Annotated[tuple[Literal["GRASSROOTS_CELL", "SUBORDINATE_CELL", Sector], ...], Field(max_length=12)]
"""Kinds of cell and sectors, any of which will do; none named: all cells."""


class ThresholdAsked(Command):
    """What a figure must be: greater than, at least, or exactly `value`."""

    op: Literal["gt", "gte", "eq"]
    value: Figure


class CriterionAsked(Command):
    """One criterion as a framework asks it: answered with yes or no, a figure, or points of `points_max`.

    `kinds` of cells are asked it; whoever adopts the framework may drop it unless it is `mandatory`.
    """

    criterion: CriterionCode
    name_vi: Line
    name_en: Line
    kind: Literal["ACHIEVED", "MEASURED", "SCORED"]
    test: ThresholdAsked | None = None
    unit: Line | None = None
    period: Literal["MONTH", "QUARTER", "YEAR"]
    source: Line
    legal_tag: LegalTag
    measured_by: Word | None = None
    points_max: Score | None = None
    mandatory: Flag = True
    kinds: Kinds = ()


class GoodAsked(Command):
    """One good with its criteria."""

    good: GoodCode
    name_vi: Line
    name_en: Line
    criteria: Annotated[tuple[CriterionAsked, ...], Field(min_length=1, max_length=50)]


class BandAsked(Command):
    """A level of all points together: from `points_min` on, up to but not including `below`."""

    level: Word
    name_vi: Line
    name_en: Line
    points_min: Score
    below: Score | None = None
    source: Line
    legal_tag: LegalTag


Goods = Annotated[tuple[GoodAsked, ...], Field(max_length=12)]
Bands = Annotated[tuple[BandAsked, ...], Field(max_length=10)]


class Pack(Command):
    """Goods as versioned data: no document until a committee issues them under a number and a date."""

    name: Line
    version: Line
    title: Line
    note: Text
    based_on: Annotated[tuple[Document, ...], Field(max_length=12)]
    goods: Annotated[Goods, Field(min_length=1)]
    bands: Bands = ()

    @computed_field  # type: ignore[prop-decorator]
    @property
    def id(self) -> str:
        """Return what a command calls it: name and version."""
        return f"{self.name}-{self.version}"

    def require_sound(self) -> None:
        """Raise BadPack, naming each row that is wrong, its rule and its source."""
        problems = [*found(goods_of(self.goods), bands_of(self.bands))]
        if problems:
            told = "; ".join(f"{words} [{refusal.__name__}]" for refusal, words in problems)
            raise BadPack(f"{self.id}: {told}")


def goods_of(stated: Sequence[GoodAsked]) -> list[Good]:
    """Return goods as the domain asks them."""
    return [Good.of(good.model_dump()) for good in stated]


def bands_of(stated: Sequence[BandAsked]) -> list[Band]:
    """Return bands as the domain reads points by them."""
    return [Band(**dict(band)) for band in stated]


def read_packs(folder: Path = PACKS) -> dict[str, Pack]:
    """Return the packs in `folder` by their ids. Raises BadPack, or pydantic's ValidationError."""
    packs = [Pack.model_validate_json(file.read_bytes()) for file in sorted(folder.glob("*.json"))]
    for pack in packs:
        pack.require_sound()
    return {pack.id: pack for pack in packs}
