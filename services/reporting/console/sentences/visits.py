"""What is told of supervision, as sentences: who follows a cell, and what is said of their visits."""

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


def _planned(data: Data, texts: Texts) -> str:
    days = {"on": day(data["registered_on"], texts), "day": day(data["planned_for"], texts)}
    return texts("said.visit_planned", supervisor=data["supervisor"], superior=data["superior"], **days)


def _confirmed(data: Data, texts: Texts) -> str:
    return texts(f"said.visit_said_{data['side']}_{bool(data['attended'])}", **_who(data))


def _noted(data: Data, texts: Texts) -> str:
    return texts(f"said.visit_denied_{data['denied_by']}", **_who(data))


def _settled(data: Data, texts: Texts) -> str:
    return texts(f"said.visit_settled_{bool(data['attended'])}", **_who(data))


def _reported(data: Data, texts: Texts) -> str:
    quality, findings = texts.of("quality", data["quality"]).lower(), data.get("findings") or ""
    key = "said.visit_reported_findings" if findings else "said.visit_reported"
    return texts(key, quality=quality, findings=findings, **_who(data))


def _who(data: Data) -> dict[str, str]:
    return {name: data[name] for name in ("supervisor", "superior", "meeting")}


TELLERS: Mapping[str, Teller] = {
    "SupervisionAssigned": _assigned,
    "SupervisionEnded": _ended,
    "VisitPlanned": _planned,
    "VisitConfirmed": _confirmed,
    "VisitMismatchNoted": _noted,
    "VisitMismatchSettled": _settled,
    "VisitReported": _reported,
}
