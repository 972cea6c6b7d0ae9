"""All that duties rest on, of many cells at once: read from the views here, one question for each kind."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, TypeVar

from contracts.days import months_after
from services.assessment.domain import Period
from services.assessment.domain.obligation import (
    Binding,
    Followed,
    Met,
    Obligation,
    OnProbation,
    Owing,
    Raised,
    Recorded,
)
from services.assessment.views import Views
from services.assessment.views.supervision import lasts
from services.assessment.views.visits import to_their_own
from services.chassis.probation import Probation
from services.chassis.sizes import CELLS
from services.chassis.views.homes import Homes, belonged
from services.chassis.views.places import ON
from services.chassis.views.restrictions import Restrictions
from services.chassis.views.tree import Step, Tree, became

STOOD = f"""
    SELECT code, founded_on, place.path, ended_on, kind, sector
    FROM tree.place JOIN tree.organization USING (code)
    WHERE {ON} AND kind = ANY(%(kinds)s) AND founded_on <= %(first)s
    AND (ended_on IS NULL OR ended_on > %(first)s)
    AND (%(root)s::text IS NULL OR place.path @> ARRAY[%(root)s])
    ORDER BY code
"""
"""The cells of a month: beneath whom they stood at its end, and when they ended by all that is known."""

Row = dict[str, Any]


class Owings:
    """What was recorded of cells, month by month, and what was said of what they owe."""

    def __init__(
        self,
        tree: Tree,
        views: Views,
        homes: Homes,
        restrictions: Restrictions,
        probation: Probation,
        *,
        caught_up: Callable[[], Awaitable[bool]],
    ) -> None:
        self.tree = tree
        self.views = views
        self.homes = homes
        self.restrictions = restrictions
        self.probation = probation
        self._caught_up = caught_up

    async def cells(
        self, root: str | None, months: Sequence[Period], today: date
    ) -> Mapping[str, Sequence[tuple[Owing, Recorded]]]:
        """Return by month the cells beneath `root` (None: all there are), each with what was recorded of it.

        `months` follow one another.
        """
        stood = {month.text: await self._stood(root, month, today) for month in months}
        codes = sorted({cell.code for cells in stood.values() for cell in cells})
        first, last = months[0].first_day, months[-1].last_day
        quarter = months_after(first, -((first.month - 1) % 3))
        meetings = _by_cell(await self._held(codes, quarter, last), Met)
        mergers = await self.tree.mergers()
        concerns = _by_cell(await self._concerns(codes, first, last, today, mergers), Raised)
        probations = await self._probations(first, last, today, mergers)
        followed = await self._followed(codes, months, today, mergers)
        submitted = await self._submitted(codes, months)
        excused = await self._excused(codes, months)
        frameworks = await self._frameworks()

        def recorded(code: str, month: str) -> Recorded:
            return Recorded(
                meetings.get(code, ()),
                frameworks,
                submitted.get(code),
                followed.get(code, ()),
                concerns.get(code, ()),
                probations.get(code, ()),
                excused.get((month, code), ()),
            )

        return {
            month: [(cell, recorded(cell.code, month)) for cell in cells] for month, cells in stood.items()
        }

    async def standing(
        self, months: Collection[str], cells: Collection[str] | None
    ) -> Mapping[tuple[str, str], Sequence[Obligation]]:
        """Return what was said of what is owed, by month and cell: of `cells`, or (None) of all."""
        return await self.views.duties.standing(months, cells)

    async def hidden(self, subjects: Collection[str]) -> set[str]:
        """Return those of `subjects` that are members who are not written about now."""
        return await self.restrictions.among(subjects) if subjects else set()

    async def read(self) -> Mapping[str, int]:
        """Return how far it has read what it rests on, by source."""
        return await self.views.duties.positions()

    async def caught_up(self) -> bool:
        """Return whether all that had been said when it was asked is answered and read; it waits a moment."""
        return await self._caught_up()

    async def _stood(self, root: str | None, month: Period, today: date) -> list[Owing]:
        rows = await self.tree.rows(
            STOOD,
            day=min(month.last_day, today),
            first=month.first_day,
            kinds=list(CELLS),
            root=root,
        )
        return [Owing(**row) for row in rows]

    async def _held(self, codes: list[str], first: date, last: date) -> list[Row]:
        return await self.views.meetings.rows(
            "SELECT organization, meeting, kind, held_on FROM meetings.meeting"
            " WHERE organization = ANY(%(codes)s) AND held_on BETWEEN %(first)s AND %(last)s"
            " ORDER BY held_on, meeting",
            codes=codes,
            first=first,
            last=last,
        )

    async def _concerns(
        self, codes: list[str], first: date, last: date, today: date, mergers: Mapping[str, Step]
    ) -> list[Row]:
        """Return the concerns to be acknowledged from `first` to `last`, with the heir of who has them."""
        rows = await self.views.concerns.rows(
            "SELECT organization, concern, holder, raised_on, acknowledge_by, acknowledged_on"
            " FROM concerns.concern WHERE organization = ANY(%(codes)s)"
            " AND acknowledge_by BETWEEN %(first)s AND %(last)s ORDER BY acknowledge_by, concern",
            codes=codes,
            first=first,
            last=last,
        )
        for row in rows:
            *_, row["holder"] = became(row["holder"], min(row["acknowledge_by"], today), mergers)
        return rows

    async def _frameworks(self) -> list[Binding]:
        rows = await self.views.frameworks.rows(
            "SELECT organization AS issuer, period, effective_on, kinds, CASE WHEN requires_adoption THEN ("
            "  SELECT coalesce(jsonb_object_agg(organization, adopted_on ORDER BY adopted_on DESC), '{}')"
            "  FROM frameworks.adoption AS own"
            "  WHERE (own.issuer, own.number, own.dated) = (one.organization, one.number, one.dated)"
            ") END AS adopted, ("
            "  SELECT min(later.effective_on) FROM frameworks.framework AS later"
            "  WHERE later.organization = one.organization"
            "  AND (later.amends_number, later.amends_dated) = (one.number, one.dated)"
            ") AS until FROM frameworks.framework AS one"
        )
        for row in rows:  # adopted on several days, the first is named last and stays
            if (adopted := row["adopted"]) is not None:
                row["adopted"] = {code: date.fromisoformat(on) for code, on in adopted.items()}
        return [Binding(**row) for row in rows]

    async def _submitted(self, codes: list[str], months: Sequence[Period]) -> dict[str, dict[str, date]]:
        asked = {month.text for month in months} | {month.text[:4] for month in months}
        rows = await self.views.duties.rows(
            "SELECT organization, period, submitted_on FROM duties.submission"
            " WHERE period = ANY(%(periods)s) AND organization = ANY(%(codes)s)",
            periods=list(asked),
            codes=codes,
        )
        found: dict[str, dict[str, date]] = defaultdict(dict)
        for row in rows:
            found[row["organization"]][row["period"]] = row["submitted_on"]
        return found

    async def _excused(
        self, codes: list[str], months: Sequence[Period]
    ) -> dict[tuple[str, str], set[tuple[str, str]]]:
        rows = await self.views.duties.rows(
            "SELECT organization, period, duty, subject FROM duties.excuse"
            " WHERE period = ANY(%(periods)s) AND organization = ANY(%(codes)s)",
            periods=[month.text for month in months],
            codes=codes,
        )
        found: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
        for row in rows:
            found[row["period"], row["organization"]].add((row["duty"], row["subject"]))
        return found

    # -- Of whom it matters where they belong

    async def _probations(
        self, first: date, last: date, today: date, mergers: Mapping[str, Step]
    ) -> dict[str, list[OnProbation]]:
        """Return by cell whose recognition is due: where they belong that day, or did when it was decided."""
        rows = await self.views.duties.rows(
            "SELECT member, ceremony_on, recognized_on, ended_on FROM duties.probation"
            " WHERE ceremony_on BETWEEN %(first)s AND %(last)s ORDER BY ceremony_on, member",
            first=months_after(first, -self.probation.months)
            - timedelta(days=3 * self.probation.recognition_working_days),
            last=months_after(last, -self.probation.months),
        )
        homes = await self.homes.of([row["member"] for row in rows], today)
        found: dict[str, list[OnProbation]] = defaultdict(list)
        for row in rows:
            ends_on = self.probation.ends(row["ceremony_on"])
            by = self.probation.recognize_by(ends_on)
            day = min(by, row["recognized_on"] or date.max, today)
            if row["ended_on"] is None or row["ended_on"] > day:
                here = next(iter(belonged(homes.get(row["member"], ()), day)), "")
                *_, cell = became(here, day, mergers)
                found[cell].append(OnProbation(row["member"], ends_on, by, row["recognized_on"]))
        return found

    async def _followed(
        self, codes: list[str], months: Sequence[Period], today: date, mergers: Mapping[str, Step]
    ) -> dict[str, list[Followed]]:
        """Return by cell who follows it in a year that ends in `months`, with all visits that count."""
        found: dict[str, list[Followed]] = defaultdict(list)
        for year in [month.text[:4] for month in months if month.ends_year]:
            first, last = date(int(year), 1, 1), min(date(int(year), 12, 31), today)
            assigned = await self.views.supervision.assigned(year, codes, last)
            people = {row["supervisor"] for row in assigned}
            spans = {(row["supervisor"], row["organization"]): row for row in assigned}
            made = await self.views.visits.made(people, first, last)
            own = to_their_own(made, await self.homes.of(people, last), mergers)
            visits: dict[str, list[tuple[date, str]]] = defaultdict(list)
            for row in made:
                who, meeting, on = row["supervisor"], row["meeting"], row["attended_on"]
                span = spans.get((who, row["organization"]))
                if span and lasts(span, on) and row["stands"] and (who, meeting) not in own:
                    visits[who].append((on, meeting))
            for row in assigned:
                if row["ended_on"] is None:
                    about = row["supervisor"], row["superior"], row["assigned_on"], row["minimum"]
                    found[row["organization"]].append(Followed(year, *about, visits[row["supervisor"]]))
        return found


T = TypeVar("T")


def _by_cell(rows: Sequence[Row], kind: type[T]) -> dict[str, list[T]]:
    found: dict[str, list[T]] = defaultdict(list)
    for row in rows:
        found[row.pop("organization")].append(kind(**row))
    return found
