"""What became of concerns, each event as one plain sentence."""

from collections.abc import Mapping

from services.reporting.console.sentences.words import Data, Teller, day
from services.reporting.console.texts import Texts


def _of_concern(key: str, on: str, *names: str) -> Teller:
    """Return what tells something that became of a concern, on the day in `on`, with what it names."""

    def tell(data: Data, texts: Texts) -> str:
        said = {name: data[name] for name in ("concern", *names)}
        return texts(f"said.concern_{key}", **said, on=day(data[on], texts))

    return tell


def _concern_raised(data: Data, texts: Texts) -> str:
    told = {name: data[name] for name in ("concern", "matter", "raised_to")}
    said = texts("said.concern_raised", **told, by=day(data["acknowledge_by"], texts))
    return said + (" " + texts("said.concern_hot") if data["hot_spot_risk"] else "")


def _concern_acknowledged(data: Data, texts: Texts) -> str:
    written = data["document"]
    numbered = {"number": written["number"], "dated": day(written["date"], texts)}
    return texts("said.concern_acknowledged", concern=data["concern"], by=data["by"], **numbered)


def _concern_escalated(data: Data, texts: Texts) -> str:
    named = {name: data[name] for name in ("concern", "by", "to")}
    reasons = ", ".join(texts.of("concern_reason", reason) for reason in data["reasons"])
    return texts("said.concern_escalated", **named, on=day(data["escalated_on"], texts), reasons=reasons)


def _concern_assigned(data: Data, texts: Texts) -> str:
    named = {name: data[name] for name in ("concern", "by", "agency")}
    return texts("said.concern_assigned", **named, due=day(data["due_on"], texts))


TELLERS: Mapping[str, Teller] = {
    "ConcernRaised": _concern_raised,
    "ConcernAcknowledged": _concern_acknowledged,
    "ConcernAnswered": _of_concern("answered", "answered_on", "by", "answer"),
    "ConcernEscalated": _concern_escalated,
    "ConcernHeard": _of_concern("heard", "heard_on", "by"),
    "ConcernAssigned": _concern_assigned,
    "ConcernResolved": _of_concern("resolved", "resolved_on", "outcome"),
    "ConcernConfirmedToCell": _of_concern("confirmed", "confirmed_on"),
    "ConcernReopened": _of_concern("reopened", "reopened_on", "by", "reason"),
}
