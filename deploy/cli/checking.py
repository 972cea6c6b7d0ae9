"""Ask what would become of a file of events, without sending them."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from nats.errors import Error as NatsError
from nats.errors import NoRespondersError
from pydantic import ValidationError

from contracts.catalogue import INTAKE_OWNERS
from contracts.checked import EVENTS_MAX, Checked, Verdict
from contracts.publisher import Credentials
from contracts.subjects import check_subject
from deploy.cli.district import District, Outgoing
from deploy.cli.failure import Failure

QUESTION_BYTES_MAX = 4_000_000
"""Half of what the bus carries, so that the answer fits too."""


async def checked(
    events: Sequence[Outgoing], credentials: Credentials, timeout_s: float
) -> list[tuple[Outgoing, Verdict]]:
    """Return what would become of each event, owner by owner. Raises Failure."""
    of: dict[str, list[Outgoing]] = defaultdict(list)
    for event in events:
        owner = event.type.partition(".")[0]
        of[owner if owner in INTAKE_OWNERS else INTAKE_OWNERS[0]].append(event)
    found: list[tuple[Outgoing, Verdict]] = []
    async with District(credentials, lambda *_: None) as district:
        for owner, theirs in of.items():
            for part in _questions(theirs):
                answer = await _asked(district, owner, b"\n".join(event.body for event in part), timeout_s)
                found += [(part[verdict.line - 1], verdict) for verdict in answer.events]
    return found


def _questions(events: Sequence[Outgoing]) -> Iterator[Sequence[Outgoing]]:
    """Yield `events` in parts that one question can hold."""
    part: list[Outgoing] = []
    size = 0
    for event in events:
        if part and (len(part) == EVENTS_MAX or size + len(event.body) > QUESTION_BYTES_MAX):
            yield part
            part, size = [], 0
        part.append(event)
        size += len(event.body) + 1
    if part:
        yield part


async def _asked(district: District, owner: str, question: bytes, timeout_s: float) -> Checked:
    try:
        answer = await district.ask(check_subject(owner, district.credentials.district), question, timeout_s)
        checked = Checked.model_validate_json(answer)
    except NoRespondersError:
        raise Failure(f"{owner} is not there to ask; is it running?") from None
    except (TimeoutError, NatsError, ValidationError) as error:
        raise Failure(f"{owner} has not said what would become of it: {error or 'no answer'}") from None
    if checked.error:
        raise Failure(f"{owner}: {checked.error}")
    return checked
