"""What is owed and what became of it, as sentences."""

from collections.abc import Mapping

from services.reporting.console.sentences.words import Data, Teller, day
from services.reporting.console.texts import Texts


def _named(one: Data, texts: Texts) -> str:
    return f"{texts.of('duty', one['duty'])} ({one['subject']})"


def _opened(data: Data, texts: Texts) -> str:
    owed = [
        texts("said.owed", duty=_named(one, texts), due=day(one["due_on"], texts))
        for one in data["obligations"]
    ]
    return texts("said.owing", period=texts.period(data["period"]), owed="; ".join(owed))


def _ended(data: Data, texts: Texts) -> str:
    said = texts(
        "said.duty_ended",
        duty=_named(data, texts),
        due=day(data["due_on"], texts),
        outcome=texts.of("outcome", data["outcome"]).lower(),
    )
    if because := data.get("because"):
        return f"{said} {texts.of('because', because)}."
    return f"{said} {texts('said.done', on=day(data['done_on'], texts))}" if data.get("done_on") else said


def _excused(data: Data, texts: Texts) -> str:
    return texts(
        "said.duty_excused",
        by=data["excused_by"],
        duty=_named(data, texts),
        reason=data["reason"],
        number=data["decision"]["number"],
        on=day(data["decision"]["date"], texts),
    )


TELLERS: Mapping[str, Teller] = {
    "ObligationsOpened": _opened,
    "ObligationEnded": _ended,
    "ObligationExcused": _excused,
}
