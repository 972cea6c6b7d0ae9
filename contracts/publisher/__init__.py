"""What a district embeds: events are stored first, sent when the line is there, kept until answered."""

from contracts.credentials import Credentials
from contracts.publisher.checking import Problem, Unacceptable
from contracts.publisher.outbox import Outbox
from contracts.publisher.publisher import OtherSends, Publisher
from contracts.publisher.tables import Stored

__all__ = ["Credentials", "OtherSends", "Outbox", "Problem", "Publisher", "Stored", "Unacceptable"]
