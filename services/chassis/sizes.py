"""How large a cell is to be, as data: the registry decides by it, reporting shows what it says."""

from dataclasses import dataclass
from pathlib import Path

from services.chassis.stated import Parameters

PACK = Path(__file__).parent / "packs" / "cell-sizes.json"

CELLS = ("GRASSROOTS_CELL", "SUBORDINATE_CELL")
"""The kinds of organization that are cells."""


@dataclass(frozen=True)
class CellSizes:
    """What `packs/cell-sizes.json` states: numbers of members. Facts and answers pin its name and version."""

    name: str
    full_members_min: int
    """Charter arts. 21.2 and 24.1: with fewer full members a cell decides nothing."""

    committee_members_from: int
    """Charter art. 21: from so many members on a grassroots organization is a committee with cells."""


def cell_sizes(pack: Path = PACK) -> CellSizes:
    """Return the rules on the size of cells that `pack` states."""
    stated = Parameters.read(pack)
    return CellSizes(stated.title, **stated.values())
