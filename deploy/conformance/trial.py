"""One trial: what the province answers to what comes, and what it finds.

It knows nothing of a bus, so that it can be read, and tested, as a list of what is said in which order.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from contracts.catalogue import CATALOGUE, INTAKE_NAMES
from contracts.message import CloudEvent
from contracts.reasons import said
from contracts.receipt import Outcome, Receipt
from contracts.received import Asked, Received, Wanted
from contracts.received import Stream as Told
from contracts.registry_closings import PeriodClosed, digest_of, signature_of
from deploy.conformance.rules import Findings
from deploy.conformance.seen import Seen, Stream, digest, missing

LOST, WANTED, REJECTED, DUPLICATE, CUT = 2, 3, 4, 5, 6
"""Which event, as they come, is forgotten, forgotten and asked for, rejected, called known, and cut off."""

EVENTS_MIN = 10
WANTED_WITHIN_S = 10.0
AFTER_ANSWER_MAX = 2
"""How often an answered event may come again: it may have crossed its receipt, or the line was cut."""


@dataclass(frozen=True)
class Answer:
    """What is said to one sending, once it is on the bus: a receipt, a wish."""

    receipt: Receipt | None = None
    wanted: Wanted | None = None


class Trial:
    """What one program is tried with. `signing_key` is the one it was handed."""

    def __init__(self, district: str, signing_key: str) -> None:
        self.district = district
        self.found = Findings()
        self.was_cut = False
        self._signing_key = signing_key
        self._seen: dict[tuple[str, str], Seen] = {}
        self._numbered: dict[Stream, dict[int, Seen]] = {}
        self._roles: dict[int, Seen] = {}
        self._wanted_at: float | None = None
        self._stated: dict[Stream, int] = {}

    # -- What it says

    def arrived(self, name: str, headers: dict[str, str], body: bytes, *, at: float) -> Answer:
        """Return the answer to one sending on `intake.<district>.<name>`, `at` seconds on some clock."""
        if "Nats-Msg-Id" in headers:
            self.found.breach("header", f"{name} came with Nats-Msg-Id")
        try:
            document = json.loads(body)
            event = CloudEvent.model_validate(document)
        except ValueError as error:
            self.found.breach("envelope", f"on {name}: {_first(error)}")
            return Answer()
        if CATALOGUE.get(event.type) not in INTAKE_NAMES.get(name, ()):
            self.found.breach("envelope", f"{event.type} came on the subject of {name}")
        else:
            self._look_into(event)
        known = self._seen.get((event.source, event.id))
        if known is None:
            known = self._first_seen(event, digest(document), at)
        else:
            self._again(known, event, digest(document))
        return self._answer(known, at)

    def asked(self, owner: str, question: bytes) -> Received:
        """Return what has arrived at `owner`, as the province would: what it forgot is missing."""
        try:
            asked = Asked.model_validate_json(question or b"{}")
        except ValidationError as error:
            self.found.breach("asks", _first(error))
            return Received(service=owner, district=self.district, error="the question is none")
        streams = [stream for stream in self._numbered if stream[1] == owner]
        if asked.source is not None:
            streams = [(asked.source, owner)]
        if asked.last is not None:
            for stream in streams:
                self._state(stream, asked.last)
        told = tuple(self._told(stream) for stream in streams)
        return Received(service=owner, district=self.district, streams=told)

    # -- What is found

    @property
    def sendings(self) -> int:
        """Return how often anything came."""
        return sum(one.sendings for one in self._seen.values())

    @property
    def may_cut(self) -> bool:
        """Return whether the line is to be cut: all else was tried that needs one."""
        return not self.was_cut and CUT in self._roles and {"resends", "wanted"} <= self._settled

    @property
    def over(self) -> bool:
        """Return whether there is nothing left to try: enough came, and all of it is answered."""
        tried = {"resends", "wanted", "line"} <= self._settled
        return tried and len(self._seen) >= EVENTS_MIN and all(one.answered for one in self._seen.values())

    def judge(self) -> Findings:
        """Return what was found, with what only the end can tell."""
        for (source, owner), numbers in self._numbered.items():
            if holes := list(missing(numbers, max(numbers))):
                self.found.breach("numbers", f"{source} to {owner}: {holes} never came")
        for one in self._seen.values():
            if one.after_answer > AFTER_ANSWER_MAX:
                self.found.breach("final", f"{one.event.id} came {one.after_answer} times after its receipt")
        if len(self._seen) >= EVENTS_MIN:
            for rule in ("envelope", "data", "header", "numbers", "once", "final"):
                self.found.keep(rule)
        return self.found

    @property
    def _settled(self) -> set[str]:
        return self.found.kept | self.found.broken.keys()

    def _look_into(self, event: CloudEvent) -> None:
        try:
            CATALOGUE[event.type].model_validate(event.data)
        except ValidationError as error:
            self.found.breach("data", f"{event.type} {event.id}: {_first(error)}")
            return
        if event.type == PeriodClosed.type:
            self._look_into_closing(event)

    def _look_into_closing(self, event: CloudEvent) -> None:
        closed = PeriodClosed.model_validate(event.data)
        if signature_of(event.data, self._signing_key) != closed.signature:
            self.found.breach("closes", f"{closed.period}: the signature is another")
        for stream in closed.streams:
            numbers, part = range(stream.first, stream.last + 1), f"{closed.period} to {stream.service}"
            here = self._numbered.get((closed.source, stream.service), {})
            held = [(n, one.event.id, one.digest) for n, one in here.items() if n in numbers]
            if not stream.count == len(numbers) == len(held):
                self.found.breach("closes", f"{part} counts {stream.count}; {len(held)} of them came")
            elif digest_of(held) != stream.digest:
                self.found.breach("closes", f"{part} has another digest")
        self.found.keep("closes")

    def _first_seen(self, event: CloudEvent, content: str, at: float) -> Seen:
        one = Seen(event, content, at)
        self._seen[event.source, event.id] = one
        if event.number is None:
            self.found.breach("numbers", f"{event.id} has none")
        else:
            holder = self._numbered.setdefault(one.stream, {}).setdefault(event.number, one)
            if holder is not one:
                self.found.breach("once", f"number {event.number} names {holder.event.id} and {event.id}")
        rejected = self._roles.get(REJECTED)
        if event.replaces is not None:
            if rejected and event.replaces == rejected.event.id:
                self.found.keep("corrects")
            else:
                self.found.breach("corrects", f"{event.id} replaces {event.replaces}, which was not rejected")
        self._roles[len(self._seen)] = one
        return one

    def _again(self, one: Seen, event: CloudEvent, content: str) -> None:
        one.sendings += 1
        one.after_answer += bool(one.answered)
        if event.number != one.event.number:
            self.found.breach("once", f"{event.id} was number {one.event.number}, then {event.number}")
        elif content != one.digest:
            self.found.breach("once", f"{event.id} came again with other content")

    def _answer(self, one: Seen, at: float) -> Answer:
        role = next((role for role, played in self._roles.items() if played is one), 0)
        if role == LOST and one.sendings == 1:
            return Answer()
        if role == WANTED and one.sendings == 1:
            self._wanted_at = at
            return Answer(wanted=self._wish(one))
        if role == CUT and not self.was_cut:
            return Answer()
        if role == LOST:
            self.found.keep("resends")
        if role == WANTED and self._wanted_at is not None:
            took, self._wanted_at = at - self._wanted_at, None
            if took > WANTED_WITHIN_S:
                self.found.breach("wanted", f"{one.event.id} came {took:.0f} s after it was wanted")
            self.found.keep("wanted")
        if role == CUT:
            self.found.keep("line")
        if role == REJECTED:
            return Answer(receipt=self._receipt(one, "rejected"))
        known = role == DUPLICATE or one.answered
        return Answer(receipt=self._receipt(one, "duplicate" if known else "accepted"))

    def _wish(self, one: Seen) -> Wanted | None:
        if one.event.number is None:
            return None
        source, owner = one.stream
        number = one.event.number
        return Wanted(service=owner, source=source, missing=((number, number),), asked_at=datetime.now(UTC))

    def _receipt(self, one: Seen, outcome: Outcome) -> Receipt:
        one.answered = outcome
        told: dict[str, Any] = {"subject": f"trial-{one.event.id}", "position": len(self._seen)}
        if outcome == "rejected":
            told = {"reason": "DateInFuture", "said": said("registry", "DateInFuture"), "detail": "a trial"}
        return Receipt(
            source=one.event.source,
            id=one.event.id,
            number=one.event.number,
            replaces=one.event.replaces,
            outcome=outcome,
            service=one.stream[1],
            decided_at=datetime.now(UTC),
            **told,
        )

    def _state(self, stream: Stream, last: int) -> None:
        highest = max(self._numbered.get(stream, {0: None}))
        if last < highest:
            self.found.breach("asks", f"last was said to be {last}; number {highest} had come")
        self._stated[stream] = last
        self.found.keep("asks")

    def _told(self, stream: Stream) -> Told:
        answered = {n: one for n, one in self._numbered.get(stream, {}).items() if one.answered}
        last = max([*answered, self._stated.get(stream, 0), 0])
        rejected = sum(one.answered == "rejected" for one in answered.values())
        return Told(
            source=stream[0],
            last=last,
            received=len(answered),
            accepted=len(answered) - rejected,
            rejected=rejected,
            missing=tuple(missing(answered, last)),
        )


def _first(error: ValueError) -> str:
    if isinstance(error, ValidationError):
        one = error.errors(include_input=False)[0]
        return f"{'.'.join(map(str, one['loc'])) or 'event'}: {one['msg']}"
    return str(error)
