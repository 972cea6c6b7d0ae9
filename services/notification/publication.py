"""The border: each private fact, and what of it others may know."""

from typing import get_args

from contracts import notification as public
from contracts.message import Event
from services.chassis.aggregate import Fact
from services.notification.domain import Notice, Sweep

OF_THE_FIRST_VERSION = frozenset(get_args(public.NoticeSent.model_fields["rule"].annotation))
"""The rules whose notices are told as they always were: a list of words never grows (contracts/README.md)."""


def publish(fact: Fact) -> Event | None:
    """Return the public event for `fact`, or None if it stays private.

    Only a delivery is news to others: that a notice was made is told by its first delivery, and a
    mail server's trouble, like the progress of a sweep, is this service's own.

    Raises LookupError for a fact nobody has decided about.
    """
    match fact:
        case Notice.Sent():
            sent = public.NoticeSent if fact.rule in OF_THE_FIRST_VERSION else public.NoticeSentV2
            said = {"about": fact.about} if fact.about else {}
            return sent.model_validate(
                {
                    **said,
                    "organization": fact.organization,
                    "notice": fact.originator_id,
                    "rule": fact.rule,
                    "recipient": fact.recipient,
                    "role": fact.role,
                    "channel": fact.channel,
                    "period": fact.period,
                    "sent_at": fact.timestamp,
                    "holder": fact.holder,
                }
            )
        case Notice.Made() | Notice.Failed() | Notice.GivenUp() | Sweep.Begun() | Sweep.Done():
            return None
        case _:
            raise LookupError(f"undecided whether {type(fact)} is public")
