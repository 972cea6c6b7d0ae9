"""What is wrong with the evidence, in words: sent = accepted + rejected, per district, in order, once."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from hashlib import sha256
from itertools import pairwise
from typing import Any

from tests.districts.checker.evidence import District, Evidence, Json, Row

EXAMPLES_MAX = 5
CLOSING = "registry.PeriodClosed.v1"

Name = tuple[str, str]
"""Source and id: what an event is called for ever."""

Facts = dict[tuple[str, str], list[Row]]
"""The facts of one district, by owner and cause."""


def problems(found: Evidence) -> list[str]:
    """Return all that is wrong; nothing, if every promise was kept."""
    facts = _facts(found)
    wrong = [*_foreign(found)]
    for code, district in found.districts.items():
        outcomes = _outcomes(found, code)
        wrong += (
            f"{code}: {said}"
            for said in (
                *_told(district),
                *_answered(district, outcomes),
                *_recorded(found, code, outcomes, facts[code]),
                *_in_order(district, facts[code]),
                *_counted(district),
                *_closed(district),
            )
        )
    return wrong


def counts(found: Evidence) -> dict[str, int]:
    """Return how much was looked at."""
    sent = Counter((code, event.get("source"), event.get("id")) for code, event in found.intake)
    outcomes = Counter(receipt["outcome"] for _, receipt in found.receipts)
    return {
        "districts": len(found.districts),
        "told": sum(len({_name(said) for said in district.told}) for district in found.districts.values()),
        "sent": sent.total(),
        "sent more than once": sum(number > 1 for number in sent.values()),
        **{f"receipts {name}": outcomes[name] for name in ("accepted", "duplicate", "rejected")},
        "facts": sum(map(len, found.logs.values())),
    }


# -- What is compared


def _name(said: Json) -> Name:
    return said["source"], said["id"]


def _owner(said: Json) -> str:
    return str(said["type"]).partition(".")[0]


def _facts(found: Evidence) -> dict[str, Facts]:
    """Return what the events of each district led to."""
    facts: dict[str, Facts] = defaultdict(lambda: defaultdict(list))
    for owner, rows in found.logs.items():
        for row in rows:
            if not row.topic.endswith(".Begun"):
                facts[row.actor.removeprefix("district:")][owner, row.causation].append(row)
    return facts


def _outcomes(found: Evidence, code: str) -> dict[Name, list[str]]:
    """Return what one district was told of each event, in order: accepted, duplicate, or the reason."""
    outcomes: dict[Name, list[str]] = defaultdict(list)
    for district, receipt in found.receipts:
        if district == code:
            outcomes[_name(receipt)].append(receipt.get("reason") or receipt["outcome"])
    return outcomes


def _final(outcomes: Iterable[str]) -> str:
    """Return what counts in the end: accepted once is accepted."""
    said = list(outcomes) or ["nothing"]
    return "accepted" if {"accepted", "duplicate"} & {*said} else said[-1]


# -- The laws


def _told(district: District) -> Iterator[str]:
    """What a district told stands in its outbox as it was told, numbered 1, 2, 3 … in each stream."""
    told = {_name(said): said for said in district.told if not said.get("plainly")}
    kept = {_name(event): event for event in district.outbox}
    yield from _some("told and not in the outbox", told.keys() - kept.keys())
    yield from _some("in the outbox and never told", kept.keys() - told.keys())
    for name in told.keys() & kept.keys():
        said, content = told[name], kept[name]["content"]
        if any(said.get(what) != content.get(what) for what in ("type", "data", "replaces")):
            yield f"{name} says otherwise than what was told"
    for stream, events in _streams(district).items():
        if [event["number"] for event in events] != [*range(1, len(events) + 1)]:
            yield f"{stream} is not numbered from 1 to {len(events)}"


def _answered(district: District, outcomes: dict[Name, list[str]]) -> Iterator[str]:
    """Each event came to one end, one of those it might come to, and the outbox says the same."""
    told = {_name(said): said for said in district.told}
    for name, said in told.items():
        heard, final = outcomes.get(name, []), _final(outcomes.get(name, []))
        if final not in said["may"]:
            yield f"{name} came to {final}, not to {' or '.join(said['may'])}"
        if heard.count("accepted") > 1:
            yield f"{name} was accepted {heard.count('accepted')} times"
        accepted = [what in ("accepted", "duplicate") for what in heard]
        if accepted != sorted(accepted):
            yield f"{name} was rejected after it was accepted: {heard}"
    for event in district.outbox:
        kept = event["reason"] if event["outcome"] == "rejected" else event["outcome"]
        if (final := _final(outcomes.get(_name(event), []))) != _final([kept or "nothing"]):
            yield f"the outbox holds {_name(event)} for {kept}, the receipts say {final}"


def _recorded(found: Evidence, code: str, outcomes: dict[Name, list[str]], facts: Facts) -> Iterator[str]:
    """What was accepted is in its owner's log once, what was rejected is not, and is kept with its reason."""
    parked = {
        (owner, one.source, one.event): one.reason
        for owner, rows in found.parked.items()
        for one in rows
        if one.district == code
    }
    for name, owner in {_name(said): _owner(said) for said in found.districts[code].told}.items():
        times = len(facts.get((owner, ":".join(name)), ()))
        final = _final(outcomes.get(name, []))
        if times != (final == "accepted"):
            yield f"{name} was {final} and is in the log of {owner} {times} times"
        if final != "accepted" and parked.get((owner, *name)) != final:
            yield f"{name} was rejected for {final}, parked for {parked.get((owner, *name))}"


def _foreign(found: Evidence) -> Iterator[str]:
    """Nothing of a district that it did not tell: on the way in, in a log, parked, or answered."""
    told = {(code, *_name(said)) for code, district in found.districts.items() for said in district.told}
    causes = {(code, f"{source}:{id}") for code, source, id in told}
    came = {(code, event.get("source"), event.get("id")) for code, event in found.intake}
    yield from _some("arrived and nobody told it", came - told)
    yield from _some("was answered and nobody told it", {(c, *_name(r)) for c, r in found.receipts} - told)
    for owner, rows in found.logs.items():
        recorded = {
            (row.actor.removeprefix("district:"), row.causation)
            for row in rows
            if row.actor.startswith("district:")
        }
        yield from _some(f"is in the log of {owner} and nobody told it", recorded - causes)
    for owner, kept in found.parked.items():
        theirs = {(one.district, one.source, one.event) for one in kept}
        yield from _some(f"is parked at {owner} and nobody told it", theirs - told)


def _in_order(district: District, facts: Facts) -> Iterator[str]:
    """What concerns one organization is recorded in the order of its numbers, but for what had to wait."""
    waited = {_name(said) for said in district.told if said["waits"]}
    places: dict[tuple[str, str], list[tuple[int, Name]]] = defaultdict(list)
    for event in sorted(district.outbox, key=lambda event: (event["service"], event["number"])):
        name, owner = _name(event), event["service"]
        if name not in waited:
            for row in facts.get((owner, ":".join(name)), ()):
                places[owner, event["content"]["data"]["organization"]].append((row.position, name))
    for (owner, organization), found in places.items():
        for (before, one), (after, other) in pairwise(found):
            if before > after:
                yield f"{other} stands before {one} in the log of {owner}, both of {organization}"


def _counted(district: District) -> Iterator[str]:
    """Each owner says it has all of a stream: so many accepted, so many rejected, nothing missing."""
    streams, plainly = _streams(district), {said["source"] for said in district.told if "plainly" in said}
    for owner, answers in district.received.items():
        ours = {source: events for (source, service), events in streams.items() if service == owner}
        told = {answer["source"]: answer for answer in answers if answer["last"]}
        yield from _some(f"counted by {owner} and not ours", told.keys() - ours.keys() - plainly)
        for source, events in ours.items():
            ends = Counter("rejected" if e["outcome"] == "rejected" else "accepted" for e in events)
            expected = {"last": len(events), "received": len(events), "missing": [], "reused": []}
            expected |= {name: ends[name] for name in ("accepted", "rejected")}
            answer = {name: told.get(source, {}).get(name) for name in expected}
            if answer != expected:
                yield f"of {source} {owner} has {answer}, not {expected}"


def _closed(district: District) -> Iterator[str]:
    """A closing says what was numbered until then, and each owner finds its month complete."""
    streams = _streams(district)
    for closing in (e for e in district.outbox if e["type"] == CLOSING and e["outcome"] != "rejected"):
        said = closing["content"]["data"]
        for cut in said["streams"]:
            events = streams[said["source"], cut["service"]][: cut["last"]]
            if (cut["first"], cut["count"], cut["digest"]) != (1, len(events), _digest(events)):
                yield f"the closing of {said['period']} says of {cut['service']} what is not so"
            months = [
                month["state"]
                for answer in district.received[cut["service"]]
                if answer["source"] == said["source"]
                for month in answer["months"]
                if month["period"] == said["period"]
            ]
            if months != ["complete"]:
                yield f"{cut['service']} finds {said['period']} {months}, not complete"


def _digest(events: Iterable[Json]) -> str:
    """Return the digest of events as contracts/README.md has it."""
    lines = ""
    for event in events:
        whole: dict[str, Any] = event["content"] | {"number": event["number"]}
        spelled = json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        lines += f"{event['number']} {event['id']} {sha256(spelled.encode()).hexdigest()}\n"
    return sha256(lines.encode()).hexdigest()


def _streams(district: District) -> dict[Name, list[Json]]:
    """Return the events of each source and owner by number."""
    streams: dict[Name, list[Json]] = defaultdict(list)
    for event in sorted(district.outbox, key=lambda event: int(event["number"])):
        streams[event["source"], event["service"]].append(event)
    return streams


def _some(what: str, found: Iterable[Any]) -> Iterator[str]:
    """Say what some have in common, with a few of them."""
    if listed := sorted(found, key=str):
        yield f"{len(listed)} {what}: {listed[:EXAMPLES_MAX]}"
