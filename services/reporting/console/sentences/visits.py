"""What is told of supervision, as sentences: who follows a cell, and who no longer does."""

from collections.abc import Mapping

from services.reporting.console.sentences.words import Data, Teller, day
from services.reporting.console.texts import Texts


def _assigned(data: Data, texts: Texts) -> str:
    return texts(
        "said.supervision",
        superior=data["superior"],
        supervisor=data["supervisor"],
        year=data["year"],
        on=day(data["assigned_on"], texts),
        minimum=data.get("minimum") or 0,
        rules=data["rules"]["name"],
    )


def _ended(data: Data, texts: Texts) -> str:
    return texts(
        "said.supervision_replaced" if data.get("replaced_by") else "said.supervision_ended",
        supervisor=data["supervisor"],
        year=data["year"],
        on=day(data["ended_on"], texts),
        reason=data["reason"],
        by=data.get("replaced_by") or "",
    )


TELLERS: Mapping[str, Teller] = {"SupervisionAssigned": _assigned, "SupervisionEnded": _ended}
