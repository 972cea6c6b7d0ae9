"""What classification hears: a district's decision made elsewhere is taken over as a command.

Its views follow the registry and assessment; nothing that they say makes it decide by itself.
"""

from collections.abc import Mapping
from typing import Any

from contracts.classification import CellClassified
from services.chassis.districts.deciding import Check, Handler
from services.chassis.edge.rights import Rights
from services.chassis.eventlog.store import Origin, Receipt
from services.classification.application import Classifications, ImportDecision


def handlers(classifications: Classifications) -> Mapping[str, Handler]:
    """Return what is done with each event a district may publish here, by its name."""

    async def take_over(event: CellClassified, origin: Origin) -> Receipt:
        command = ImportDecision(
            organization=event.organization,
            year=int(event.period),
            level=event.level,
            four_good=event.four_good,
            score=event.score,
            decided_by=event.decided_by,
            decided_on=event.decided_on,
            pack=event.rule_pack.name,
            pack_version=event.rule_pack.version,
            reasons=list(event.reasons),
            events=list(event.events),
            evidence=event.evidence,
        )
        return await classifications.import_decision(command, origin)

    return {"CellClassified": take_over}


def check(rights: Rights) -> Check:
    """Return the rule on who may speak of what: a district, of itself and of what lies beneath it."""

    async def may_speak(district: str, event: Any) -> None:
        await rights.check_district(district, event.organization)

    return may_speak
