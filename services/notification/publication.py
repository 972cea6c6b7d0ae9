"""The border: each private fact, and what of it others may know."""

from contracts import notification as public
from contracts.message import Event
from services.chassis.aggregate import Fact
from services.notification.domain import Notice, Sweep


def publish(fact: Fact) -> Event | None:
    """Return the public event for `fact`, or None if it stays private.

    Only a delivery is news to others: that a notice was made is told by its first delivery, and a
    mail server's trouble, like the progress of a sweep, is this service's own.

    Raises LookupError for a fact nobody has decided about.
    """
    match fact:
        case Notice.Sent():
            return public.NoticeSent.model_validate(
                {
                    "organization": fact.organization,
                    "notice": fact.originator_id,
                    "rule": fact.rule,
                    "recipient": fact.recipient,
                    "role": fact.role,
                    "channel": fact.channel,
                    "period": fact.period,
                    "sent_at": fact.timestamp,
                }
            )
        case Notice.Made() | Notice.Failed() | Notice.GivenUp() | Sweep.Begun() | Sweep.Done():
            return None
        case _:
            raise LookupError(f"undecided whether {type(fact)} is public")
