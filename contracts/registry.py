"""What the registry tells the world: who exists. Codes only; names of people never leave the registry."""

from typing import Annotated, Literal

from pydantic import Field, Strict

from contracts.message import Code, DayOn, Event
from contracts.vocabulary import Document, ExternalId, Going, Line, Percent, Vote, Year

OrganizationKind = Literal[
    "PROVINCIAL_COMMITTEE",
    "DISTRICT_COMMITTEE",
    "SUPERIOR_COMMITTEE",
    "GRASSROOTS_COMMITTEE",
    "SUB_COMMITTEE",
    "GRASSROOTS_CELL",
    "SUBORDINATE_CELL",
]
"""Charter arts. 21-24. Levels are kinds, not depth: the district level ended on 2025-07-01 (298-QĐ/TW)."""

Sector = Literal[
    "RESIDENTIAL",
    "AGENCY",
    "PUBLIC_UNIT",
    "SCHOOL",
    "MILITARY",
    "POLICE",
    "ENTERPRISE",
    "MASS_ORGANIZATION",
    "COMMUNE",
    "OTHER",
]
"""What kind of place it works in."""

Standing = Literal["FULL", "PROBATIONARY"]
"""Charter arts. 3-5: a probationary member may neither vote nor stand."""

Position = Literal["SECRETARY", "DEPUTY_SECRETARY", "COMMITTEE_MEMBER"]
"""What an official is, in a cell as in a province."""

ReliefCause = Literal["MEMBERSHIP_ENDED", "TRANSFER", "ORGANIZATION_ENDED"]
"""What ended, and a term with it: then nobody was relieved by a decision of its own."""

TargetMeasure = Literal["GOOD_OR_BETTER", "COVERAGE"]
"""What a share is of: organizations of the subtree classified good or excellent; cells that take part."""
TransferKind = Literal["OFFICIAL", "TEMPORARY"]
"""Whether a member goes for good, or for a while and stays on the list of the cell that released them."""

TransferReason = Literal["TRANSFER", "SPLIT", "RETURN"]
"""Why a member came: released there, taken along in a split, or back from a while away."""

EndReason = Literal["LEFT", "REMOVED", "EXPELLED", "DECEASED"]
"""Removal from the list is no discipline; expulsion is one (29-QĐ/TW 8.1; 296-QĐ/TW)."""


class OrganizationFounded(Event):
    """An organization came into being under its parent; a province's root has none."""

    type = "registry.OrganizationFounded.v1"
    occurred_in = "founded_on"

    name: Line
    kind: OrganizationKind
    parent: Code | None = None
    sector: Sector | None = None
    founded_on: DayOn
    decision: Document | None = None
    external_id: ExternalId | None = None


class OrganizationRenamed(Event):
    """An organization bears another name from a day on. Its code stays."""

    type = "registry.OrganizationRenamed.v1"
    occurred_in = "effective_on"

    name: Line
    effective_on: DayOn
    decision: Document


class OrganizationMoved(Event):
    """An organization stands under another parent from a day on, with all that is beneath it."""

    type = "registry.OrganizationMoved.v1"
    occurred_in = "effective_on"

    parent: Code
    effective_on: DayOn
    decision: Document


class OrganizationDissolved(Event):
    """An organization ended without a successor. Nobody was left in it and nothing beneath it."""

    type = "registry.OrganizationDissolved.v1"
    occurred_in = "effective_on"

    effective_on: DayOn
    decision: Document


class OrganizationMerged(Event):
    """An organization ended in another: its members and what stood beneath it belong to `into` from that day.

    `organization` is the one that ends. Nothing else is told of them: readers follow the lineage.
    """

    type = "registry.OrganizationMerged.v1"
    occurred_in = "effective_on"

    into: Code
    effective_on: DayOn
    decision: Document | None = None


class OrganizationSplit(Event):
    """An organization gave part of itself to others, which are founded already. It goes on beside them.

    A district names in `transfers` the members who go with them. The registry does not: it tells of each
    by MemberTransferred. The rest stay.
    """

    type = "registry.OrganizationSplit.v1"
    occurred_in = "effective_on"

    into: Annotated[tuple[Code, ...], Field(min_length=1, max_length=50)]
    transfers: Annotated[tuple[Going, ...], Field(max_length=1_000)] = ()
    effective_on: DayOn
    decision: Document


class MemberAdmitted(Event):
    """A person became a member of a cell, or of a grassroots committee where the cell is not recorded.

    Two dates, never one: probation runs from the ceremony, party age from the decision
    (Charter art. 5.1). `organization` is where the member is admitted.
    """

    type = "registry.MemberAdmitted.v1"
    occurred_in = "ceremony_on"

    member: Code
    decision: Document
    ceremony_on: DayOn
    standing: Standing


class OfficialAppointed(Event):
    """A full member took up a position in the organization, until the end of `until_on` if that is given."""

    type = "registry.OfficialAppointed.v1"
    occurred_in = "from_on"

    member: Code
    position: Position
    from_on: DayOn
    until_on: DayOn | None = None
    decision: Document


class OfficialRelieved(Event):
    """An official's term ended early: `relieved_on` is the first day without the position.

    `caused_by` is what ended the term along with itself. The registry says it; a district need not.
    """

    type = "registry.OfficialRelieved.v1"
    occurred_in = "relieved_on"

    member: Code
    position: Position
    relieved_on: DayOn
    decision: Document | None = None
    caused_by: ReliefCause | None = None


class MemberRecognized(Event):
    """A probationary member became a full one, exactly when probation ended, however late the vote.

    `organization` is where the member was on `full_from`; the decision may be months younger.
    """

    type = "registry.MemberRecognized.v1"
    occurred_in = "full_from"

    member: Code
    full_from: DayOn
    decision: Document
    vote: Vote | None = None
    decided_by: Code | None = None


class RecognitionVoteFailed(Event):
    """A cell voted on a probationary member, and too few were in favour. After three the superior decides."""

    type = "registry.RecognitionVoteFailed.v1"
    occurred_in = "voted_on"

    member: Code
    voted_on: DayOn
    vote: Vote


class MemberReleased(Event):
    """A cell let a member go to another, which has until `accept_by` to take them in.

    `organization` is the cell that lets go: the member counts there until the other one accepts.
    """

    type = "registry.MemberReleased.v1"
    occurred_in = "released_on"

    member: Code
    to: Code
    kind: TransferKind
    released_on: DayOn
    accept_by: DayOn
    decision: Document


class MemberTransferred(Event):
    """A member belongs to another cell from `transferred_on` on: `organization`, no longer `origin`.

    `standing` is what the member came with. The registry always says it; a district need not.
    """

    type = "registry.MemberTransferred.v1"
    occurred_in = "transferred_on"

    member: Code
    origin: Code
    kind: TransferKind
    transferred_on: DayOn
    decision: Document
    reason: TransferReason
    standing: Standing | None = None


class MemberExempted(Event):
    """A member need not take part from `exempted_on` on, and remains a member. Why is nobody else's."""

    type = "registry.MemberExempted.v1"
    occurred_in = "exempted_on"

    member: Code
    exempted_on: DayOn
    decision: Document


class MemberReinstated(Event):
    """An exempted member takes part again from `reinstated_on` on."""

    type = "registry.MemberReinstated.v1"
    occurred_in = "reinstated_on"

    member: Code
    reinstated_on: DayOn
    decision: Document


class MembershipEnded(Event):
    """A person is no member from `ended_on` on. `organization` is the last cell.

    `standing` is what the member went with. The registry always says it; a district need not.
    """

    type = "registry.MembershipEnded.v1"
    occurred_in = "ended_on"

    member: Code
    ended_on: DayOn
    reason: EndReason
    decision: Document | None = None
    standing: Standing | None = None


class AdmissionTargetSet(Event):
    """A committee set how many members its whole subtree should admit in a year."""

    type = "registry.AdmissionTargetSet.v1"
    occurred_in = "set_on"

    year: Year
    target: Annotated[int, Strict(), Field(ge=0, le=1_000_000)]
    decision: Document | None = None
    set_on: DayOn


class TargetSet(Event):
    """A committee set which share of its subtree should reach something in a year: 75 % good or better."""

    type = "registry.TargetSet.v1"
    occurred_in = "set_on"

    year: Year
    measure: TargetMeasure
    percent: Percent
    decision: Document | None = None
    set_on: DayOn
