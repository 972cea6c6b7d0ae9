"""How a district closes a month: it states and signs what it numbered up to then, and that this is all."""

import json
from hashlib import sha256
from typing import Any

from contracts.credentials import Credentials
from contracts.publisher.checking import Problem, Unacceptable
from contracts.publisher.outbox import Outbox, numbered
from contracts.publisher.tables import Stored
from contracts.registry_closings import PeriodClosed, canonical, digest_of, signature_of


def close_period(outbox: Outbox, credentials: Credentials, period: str, *, source: str = "") -> Stored:
    """Store the closing of a month, `2024-11`: a cut through each stream after the last closing's.

    It is sent like any event, and may be closed before everything is confirmed. What is stored later is
    accepted as a restatement. Raises Unacceptable: no key, closed already, or numbers of another file.
    """
    if not credentials.signing_key:
        raise Unacceptable(Problem("signature", "BadSignature", "the credentials have no signing key"))
    source = source or outbox.source
    before = json.loads(outbox.latest(source, PeriodClosed.type) or b"{}").get("data", {})
    if before and period <= before["period"]:
        raise Unacceptable(Problem("period", "PeriodClosedAlready", f"{before['period']} is closed"))
    closed = {cut["service"]: cut["last"] for cut in before.get("streams", ())}
    data: dict[str, Any] = {
        "organization": credentials.district,
        "source": source,
        "period": period,
        "closed_at": outbox.clock().isoformat(timespec="seconds"),
        "streams": [
            _cut(outbox, source, stream.service, closed.get(stream.service, 0) + 1, stream.last)
            for stream in outbox.streams()
            if stream.source == source
        ],
        "key": credentials.key,
    }
    data["signature"] = signature_of(data, credentials.signing_key)
    return outbox.add(PeriodClosed.type, data, source=source)


def _cut(outbox: Outbox, source: str, service: str, first: int, last: int) -> dict[str, Any]:
    """Return what one stream holds from `first` to `last`. Raises Unacceptable."""
    events = [
        (number, id, sha256(canonical(json.loads(numbered(content, number)))).hexdigest())
        for number, id, content in outbox.between(source, service, first, last)
    ]
    if len(events) != last - first + 1:
        missing = f"of {first}-{last} only {len(events)} are in this file"
        raise Unacceptable(Problem("number", "CountDiffers", f"{service}: {missing}"))
    return {
        "service": service,
        "first": first,
        "last": last,
        "count": len(events),
        "digest": digest_of(events),
    }
