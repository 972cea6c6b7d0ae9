"""A file judged as a whole before any of it is recorded: by itself, against what is held, by the rules."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from anyio.lowlevel import checkpoint

from services.chassis.edge.auth import EVERYWHERE
from services.chassis.errors import Refused
from services.chassis.views.tree import Tree
from services.registry.application import Registry
from services.registry.domain.member import CellNotFounded
from services.registry.domain.organization import Organization, UnknownParent
from services.registry.importing import rules
from services.registry.importing.columns import MEMBERS, ORGANIZATIONS, Line, Table
from services.registry.importing.held import Held, Known, resemblance
from services.registry.importing.report import Beside, Report, beside
from services.registry.importing.turns import in_turns

Tell = Callable[[int, int], object]


@dataclass
class Plan:
    """What there is to record, in its order: no row of a level needs one of the same level."""

    levels: list[list[Line]] = field(default_factory=list)
    unchanged: int = 0

    @property
    def new(self) -> int:
        """Return how many rows there are to record."""
        return sum(map(len, self.levels))


class Judging:
    """One file, judged for who may record at and beneath each of `reach`.

    What is wrong stands in `report` afterwards.
    """

    def __init__(
        self, registry: Registry, tree: Tree, reach: frozenset[str], table: Table, report: Report
    ) -> None:
        self.registry = registry
        self.tree = tree
        self.reach = reach
        self.table = table
        self.report = report
        self._founded_here: dict[str, Line] = {}
        self._mine: dict[str, bool] = {}

    async def plan(self, held: Held, tell: Tell) -> Plan:
        """Return what would be recorded. It may be, where the report holds no problem."""
        plan = Plan()
        if self.table.kind is ORGANIZATIONS:
            there = held.same | set(held.otherwise)
            self._founded_here = {line.code: line for line in self.table.lines if line.code not in there}
        await self._twice()
        new = [line async for line in in_turns(self.table.lines) if not await self._is_held(line, held, plan)]
        if self.table.kind is MEMBERS:
            await self._resembling(new, held)
            plan.levels = [await self._members(new, tell)]
        else:
            plan.levels = await self._organizations(new, tell)
        return plan

    # -- By itself

    async def _twice(self) -> None:
        codes: dict[str, Line] = {}
        external: dict[str, Line] = {}
        async for line in in_turns(self.table.lines):
            first = codes.setdefault(line.code, line)
            if first is not line:
                self._beside(line, rules.CodeTwice(f"{line.code} stands in row {first.row} too"), first)
                continue
            if id := line.texts["external_id"]:
                first = external.setdefault(id, line)
                if first is not line:
                    said = f"the rows {first.row} and {line.row} have the same"
                    self._beside(line, rules.ExternalIdTwice(said), first, column="external_id")

    def _beside(self, line: Line, refusal: Refused, other: Line, column: str | None = None) -> None:
        both = beside(line.texts, other.texts, self.table.kind.personal, row=other.row, code=other.code)
        self.report.add(refusal, row=line.row, column=column, beside=both)

    # -- Against what is held

    async def _is_held(self, line: Line, held: Held, plan: Plan) -> bool:
        """Return whether the code is given already; what the row says otherwise is a problem."""
        id = line.texts["external_id"]
        if other := held.external.get(id) if id else None:
            await self._taken(line, rules.ExternalIdTwice("it is given already"), other, column="external_id")
        if known := held.otherwise.get(line.code):
            await self._taken(line, rules.DiffersFromRecorded(f"{line.code} is recorded otherwise"), known)
            return True
        if line.code in held.same:
            plan.unchanged += 1
            return True
        return False

    async def _taken(self, line: Line, refusal: Refused, known: Known, column: str | None = None) -> None:
        """Show a row beside what is held, to whoever may see that."""
        both = None
        if await self._is_mine(known.organization):
            mine, personal = line.texts, self.table.kind.personal
            there = {column: mine[column] for column in personal} if known.erased else {}
            both = beside(mine, known.texts | there, personal, code=known.code)
        self.report.add(refusal, row=line.row, column=column, beside=both)

    async def _resembling(self, new: Sequence[Line], held: Held) -> None:
        """Flag who may be one person under two codes. Of those elsewhere nothing is said, not even that."""
        first: dict[tuple[str, str], Line] = {}
        async for line in in_turns(new):
            key = resemblance(line.texts)
            if key is None:
                continue
            if (other := first.setdefault(key, line)) is not line:
                both = beside(line.texts, other.texts, MEMBERS.personal, row=other.row, code=other.code)
                self._perhaps(line, both)
            for known in held.alike.get(key, ()):
                if await self._is_mine(known.organization):
                    self._perhaps(line, beside(line.texts, known.texts, MEMBERS.personal, code=known.code))

    def _perhaps(self, line: Line, both: Beside) -> None:
        said = f"{line.code} and {both.code} have one name and birth date"
        self.report.flag(rules.SamePersonPerhaps(said), row=line.row, beside=both)

    # -- By the rules

    async def _members(self, new: Sequence[Line], tell: Tell) -> list[Line]:
        judged = 0
        async for line in in_turns(new):
            tell(judged, len(new))
            judged += 1
            command = line.command
            try:
                organization = await self.registry.organizations.known(command.organization, CellNotFounded)
                await self._check_mine(command.organization)
                self.registry.members.decided(command, organization, None)
            except Refused as refusal:
                self.report.add(refusal, row=line.row)
        return list(new)

    async def _organizations(self, new: Sequence[Line], tell: Tell) -> list[list[Line]]:
        """Judge each after its parent, wherever in the file that stands."""
        founded: dict[str, Organization | None] = {}
        coming = {line.code for line in new}
        levels: list[list[Line]] = []
        left = list(new)
        while left:
            level = [line for line in left if line.texts["parent"] not in coming]
            if not level:
                for line in left:
                    self.report.add(rules.ParentsInACircle(line.code), row=line.row, column="parent")
                break
            for line in level:
                founded[line.code] = await self._founded(line, founded)
            levels.append(level)
            coming -= {line.code for line in level}
            left = [line for line in left if line.code in coming]
            tell(len(new) - len(left), len(new))
            await checkpoint()
        return levels

    async def _founded(self, line: Line, founded: dict[str, Organization | None]) -> Organization | None:
        """Return the organization as it would be founded, None if that or its parent is refused."""
        code = line.texts["parent"]
        if code in founded and founded[code] is None:
            return None  # the parent's own row says why
        try:
            parent = founded.get(code) if code else None
            if code and parent is None:
                parent = await self.registry.organizations.known(code, UnknownParent)
            await self._check_mine(code or line.code)
            return self.registry.organizations.decided(line.command, parent)
        except Refused as refusal:
            self.report.add(refusal, row=line.row)
            return None

    # -- Whose it is

    async def _check_mine(self, organization: str) -> None:
        if not await self._is_mine(organization):
            raise rules.OutsideSubtree(f"{organization} is not beneath {', '.join(sorted(self.reach))}")

    async def _is_mine(self, organization: str) -> bool:
        """Return whether the caller may act there; what the file founds lies where its parent lies."""
        if EVERYWHERE in self.reach:
            return True
        asked: list[str] = []
        place: str | None = organization
        while place in self._founded_here and place not in {*asked, *self._mine, *self.reach}:
            asked.append(place)
            place = self._founded_here[place].texts["parent"]
        if place is None or place in asked:
            answer = False
        elif place in self._mine:
            answer = self._mine[place]
        else:
            node = await self.tree.find(place)
            answer = place in self.reach or (node is not None and not self.reach.isdisjoint(node.path))
            asked.append(place)
        self._mine.update(dict.fromkeys(asked, answer))
        return answer
