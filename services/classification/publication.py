"""The border: each private fact, and what of it others may know."""

from contracts import classification as public
from contracts.message import Event
from services.chassis.aggregate import Fact
from services.classification.domain import Classification


def publish(fact: Fact) -> Event | None:
    """Return the public event for `fact`, or None if it stays private.

    Both ways of coming by a decision are the same event to others; the rule pack tells them apart.
    The superior's report stays here: its figures are in the reasons where they mattered.

    Raises LookupError for a fact nobody has decided about.
    """
    match fact:
        case Classification.Decided() | Classification.Imported():
            return public.CellClassified.model_validate(
                {
                    "organization": fact.organization,
                    "period": str(fact.year),
                    "level": fact.level,
                    "four_good": fact.four_good,
                    "score": fact.score,
                    "decided_by": fact.decided_by,
                    "decided_on": fact.decided_on,
                    "rule_pack": {"name": fact.pack, "version": fact.pack_version},
                    "evidence": fact.evidence,
                    "reasons": fact.reasons,
                    "events": fact.events,
                }
            )
        case _:
            raise LookupError(f"undecided whether {type(fact)} is public")
