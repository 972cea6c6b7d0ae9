"""Which commands of assessment a page offers its reader: what happens in cells, and what is decided about it.

As `offers` has it: what could be meant there, for who may. The service judges.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from secrets import token_hex
from typing import Any

from contracts.days import day_of
from services.chassis.edge.auth import Caller
from services.chassis.views.tree import Node
from services.reporting.console.commands.offers import Offer, offer
from services.reporting.console.services import Services
from services.reporting.views.obligations import Obligation
from services.reporting.views.subtree import CELLS

SERVICE = "assessment"

ON_TAKING = frozenset({"RAISED", "ACKNOWLEDGED", "ESCALATED", "HEARD", "REOPENED"})
"""States of a concern in which whoever has it may answer it, pass it up or hear it."""

EXCUSABLE = frozenset({"OPEN", "OVERDUE", "LATE", "MISSED"})
"""States of what a cell owes from which it may be excused."""

TOLD = frozenset({"ANSWERED_LOCALLY", "RESOLVED"})
"""States of a concern that the cell confirms, or reopens."""


def _offer(command: str, path: str, **given: str | None) -> Offer:
    return offer(SERVICE, command, path, given)


def _keeps(services: Services, caller: Caller) -> bool:
    """Return whether the reader keeps a cell's papers, and there is where to."""
    return SERVICE in services and not caller.roles.isdisjoint(("officer", "secretary"))


def _decides(services: Services, caller: Caller) -> bool:
    return SERVICE in services and "officer" in caller.roles


def new_code(beginning: str, on: date) -> str:
    """Return a code nobody gave yet, with no more of a beginning than there is room for."""
    return f"{beginning[:20].rstrip('-')}-{on:%y%m%d}-{token_hex(2).upper()}"


def of_month(
    services: Services, caller: Caller, node: Node, period: str, assessed: str | None, *, today: date
) -> Sequence[Offer]:
    """Return what can be recorded in a cell's month; `assessed` is the state of its self-assessment."""
    if node.ended_on:
        return ()
    code = node.code
    back = f"/organizations/{code}/month?month={period}"
    offers = []
    form = f"/self-assessments/{code}/{period}"
    if _keeps(services, caller):
        meeting = new_code(code, today)
        calls = f"/meetings/{meeting}/announcements"
        offers.append(_offer("meetings.announcements", calls, organization=code, back=back))
        offers.append(_offer("meetings", "/meetings", organization=code, meeting=meeting, back=back))
        if assessed is None:
            whose = {"organization": code, "period": period}
            offers.append(_offer("self-assessments", "/self-assessments", **whose, back=back))
        elif assessed == "RETURNED":
            offers.append(_offer("self-assessments.resubmissions", f"{form}/resubmissions", back=back))
        elif assessed == "SUBMITTED":
            offers.append(_offer("self-assessments.corrections", f"{form}/corrections", back=back))
    if _decides(services, caller) and (above := node.parent):
        whose = {"organization": code, "period": period, "excused_by": above}
        offers.append(_offer("obligations.excuses", "/obligations/excuses", **whose, back=back))
        if assessed is None:
            opens = f"{form}/reopenings"
            offers.append(_offer("self-assessments.reopenings", opens, reopened_by=above, back=back))
        elif assessed == "SUBMITTED":
            accepts, returns = f"{form}/acceptances", f"{form}/returns"
            offers.append(_offer("self-assessments.acceptances", accepts, accepted_by=above, back=back))
            offers.append(_offer("self-assessments.returns", returns, returned_by=above, back=back))
        elif assessed == "ACCEPTED":
            anew = f"{form}/restatements"
            offers.append(_offer("self-assessments.restatements", anew, decided_by=above, back=back))
    return offers


def of_months_beneath(services: Services, caller: Caller, node: Node, period: str) -> Sequence[Offer]:
    """Return how what cells beneath a committee owe of a month is judged anew, for who may."""
    if node.ended_on or not _decides(services, caller):
        return ()
    whose = {"organization": node.code, "period": period}
    back = f"/organizations/{node.code}/month?month={period}"
    return [_offer("obligations.recompute", "/obligations/recompute", **whose, back=back)]


def of_owed(services: Services, caller: Caller, node: Node, period: str, one: Obligation) -> Offer | None:
    """Return the link by which a superior excuses a cell from something not done, for who may."""
    if one.state not in EXCUSABLE or not node.parent or not _decides(services, caller):
        return None
    whose = {"organization": node.code, "period": period, "excused_by": node.parent}
    back = f"/organizations/{node.code}/month?month={period}"
    which = {"duty": one.duty, "subject": one.subject}
    return _offer("obligations.excuses", "/obligations/excuses", **whose, **which, back=back)


def of_meeting(
    services: Services, caller: Caller, cell: str, meeting: str, told: Mapping[str, Any], *, today: date
) -> Sequence[Offer]:
    """Return what can be recorded of a meeting of `cell`; `told` is how assessment shows it."""
    if not _keeps(services, caller) or told["cancelled"] is not None:
        return ()
    own = f"/meetings/{meeting}"
    given = {"organization": cell, "back": own}
    if (held := told["held"]) is None:
        of_call = {"kind": told["called"]["kind"]} if told["called"] else {}
        return [
            _offer("meetings", "/meetings", meeting=meeting, **of_call, **given),
            _offer("meetings.announcements", f"{own}/announcements", **of_call, **given),
            _offer("meetings.cancellation", f"{own}/cancellation", **given),
        ]
    raised, day = new_code(cell, today), day_of(datetime.fromisoformat(held["held_at"])).isoformat()
    offers = [
        _offer("meetings.corrections", f"{own}/corrections", **given),
        _offer("meetings.attendances", f"{own}/attendances", attended_on=day, **given),
        _offer("meetings.confirmations", f"{own}/confirmations", **given),
        _offer("meetings.scores", f"{own}/scores", **given),
        _offer("concerns", "/concerns", concern=raised, meeting=meeting, raised_on=day, **given),
    ]
    if _decides(services, caller):
        offers.append(_offer("meetings.visit-reports", f"{own}/visit-reports", **given))
    if held.get("resolution"):
        offers.append(_offer("registrations", "/registrations", meeting=meeting, **given))
    return offers


def of_task(services: Services, caller: Caller, cell: str, meeting: str, number: int) -> Offer | None:
    """Return the link by which a later meeting reports on a task, for who may."""
    if not _keeps(services, caller):
        return None
    path = f"/meetings/{meeting}/tasks/{number}/reports"
    return _offer("meetings.tasks.reports", path, organization=cell, back=f"/meetings/{meeting}")


def of_concern(services: Services, caller: Caller, shown: Mapping[str, Any]) -> Sequence[Offer]:
    """Return the steps that a concern may take next, as assessment shows it."""
    cell, code, state = shown["raised"]["organization"], shown["raised"]["concern"], shown["state"]
    own, holder, offers = f"/concerns/{code}", shown["holder"], []
    by = {"by": holder, "back": own}
    if _decides(services, caller):
        if not shown["acknowledgement"]["done_on"]:
            offers.append(_offer("concerns.acknowledgement", f"{own}/acknowledgement", **by))
        if state == "ASSIGNED":
            offers.append(_offer("concerns.resolutions", f"{own}/resolutions", **by))
        if state == "HEARD":
            offers.append(_offer("concerns.assignments", f"{own}/assignments", **by))
        if state in ON_TAKING:
            offers.append(_offer("concerns.answers", f"{own}/answers", **by))
            offers.append(_offer("concerns.hearings", f"{own}/hearings", **by))
        if state in ON_TAKING | {"ANSWERED_LOCALLY", "ASSIGNED"}:
            offers.append(_offer("concerns.escalations", f"{own}/escalations", **by))
    if _keeps(services, caller):
        if state in TOLD:
            whose = {"organization": cell, "back": own}
            offers.append(_offer("concerns.confirmations", f"{own}/confirmations", **whose))
        if state in TOLD | {"CONFIRMED_TO_CELL"}:
            offers.append(_offer("concerns.reopenings", f"{own}/reopenings", by=cell, back=own))
    return offers


def of_movement(services: Services, caller: Caller, node: Node, *, today: date) -> Sequence[Offer]:
    """Return how an organization takes part in the movement."""
    if node.ended_on or not _keeps(services, caller):
        return ()
    code, back = node.code, f"/organizations/{node.code}/movement"
    signs = {"agreement": new_code(code, today), "organization": code}
    offers = [_offer("agreements", "/agreements", **signs, back=back)]
    if node.kind in CELLS:
        takes = {"replication": new_code(code, today), "organization": code}
        offers.append(_offer("registrations", "/registrations", organization=code, back=back))
        offers.append(_offer("replications", "/replications", **takes, back=back))
        if "officer" in caller.roles and node.parent:
            chosen = {"organization": code, "selected_by": node.parent}
            offers.append(_offer("model-cells", "/model-cells", **chosen, back=back))
    elif "officer" in caller.roles:
        offers.insert(0, _offer("movements", "/movements", organization=code, back=back))
    return offers


def of_signature(services: Services, caller: Caller, node: Node, one: Mapping[str, Any]) -> Offer | None:
    """Return the link by which `node` signs an agreement that waits for it, as assessment shows that."""
    waits = [side["organization"] for side in one["signatures"] if side["signed_on"] is None]
    if node.code not in waits or not _keeps(services, caller):
        return None
    [partner] = [side["organization"] for side in one["signatures"] if side["organization"] != node.code]
    signs = {"agreement": one["agreement"], "organization": node.code, "partner": partner}
    back = f"/organizations/{node.code}/movement"
    return _offer("agreements", "/agreements", **signs, agreed=one["agreed"], back=back)


def of_supervision(services: Services, caller: Caller, node: Node, year: int) -> Sequence[Offer]:
    """Return how cells are given supervisors, who plan visits: a committee assigns its own."""
    if node.ended_on or not _decides(services, caller):
        return ()
    who = "organization" if node.kind in CELLS else "superior"
    back = f"/organizations/{node.code}/supervision?year={year}"
    return [
        _offer("supervision", "/supervision", **{who: node.code}, year=str(year), back=back),
        _offer("visits.plans", "/visits/plans", **{who: node.code}, back=back),
    ]


def of_assignment(
    services: Services,
    caller: Caller,
    node: Node,
    year: str,
    followed: Mapping[str, Any],
    who: Mapping[str, Any],
) -> Offer | None:
    """Return the link by which an assignment that lasts is ended, for who may."""
    if followed["ended_on"] or not _decides(services, caller):
        return None
    given = {
        "organization": followed["organization"],
        "supervisor": who["supervisor"],
        "superior": who["superior"],
        "year": year,
    }
    back = f"/organizations/{node.code}/supervision?year={year}"
    return _offer("supervision.endings", "/supervision/endings", **given, back=back)


def of_criteria(services: Services, caller: Caller, node: Node) -> Sequence[Offer]:
    """Return what can be asked of cells: a committee issues criteria, who is beneath it adopts them."""
    if node.ended_on or not _keeps(services, caller):
        return ()
    whose = {"organization": node.code, "back": f"/organizations/{node.code}/criteria"}
    offers = [_offer("adoptions", "/adoptions", **whose)] if node.parent else []
    if node.kind not in CELLS and _decides(services, caller):
        offers.insert(0, _offer("frameworks", "/frameworks", **whose))
    return offers
