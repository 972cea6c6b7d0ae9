"""What is told of the movement, as sentences: launches, signatures, registrations, replications."""

from collections.abc import Mapping

from services.reporting.console.sentences.words import Data, Teller, day
from services.reporting.console.texts import Texts


def _launched(data: Data, texts: Texts) -> str:
    above, document = data.get("follows"), data["document"]
    return texts(
        "said.launched_after" if above else "said.launched",
        on=day(data["launched_on"], texts),
        above=above["organization"] if above else "",
        title=data["title"],
        number=document["number"],
        dated=day(document["date"], texts),
    )


def _signed(data: Data, texts: Texts) -> str:
    return texts(
        "said.signed_both" if data.get("complete") else "said.signed",
        agreement=data["agreement"],
        partner=data["partner"],
        on=day(data["signed_on"], texts),
        agreed=data["agreed"],
    )


def _registered(data: Data, texts: Texts) -> str:
    on = day(data["registered_on"], texts)
    return texts("said.registered", on=on, year=data["year"], meeting=data["meeting"])


def _replicated(data: Data, texts: Texts) -> str:
    on = day(data["replicated_on"], texts)
    return texts("said.replicated", model=data["model"], on=on, practice=data["practice"])


TELLERS: Mapping[str, Teller] = {
    "MovementLaunched": _launched,
    "EmulationAgreementSigned": _signed,
    "CellRegistered": _registered,
    "ModelReplicated": _replicated,
}
