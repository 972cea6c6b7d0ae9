"""What sentences are made of: the day, and the decision it happened by."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from services.reporting.console.texts import Texts

Data = Mapping[str, Any]

Teller = Callable[[Data, Texts], str]
"""Says what an event says. An old event may lack what it needs: KeyError, TypeError or ValueError."""


def decree(field: str, data: Data, texts: Texts) -> dict[str, str]:
    """Return on which day, and by which decision if one is named, as a sentence ends with them."""
    decision = data.get("decision")
    by = (
        texts("said.decided", number=decision["number"], decided=day(decision["date"], texts))
        if decision
        else ""
    )
    return {"on": day(data[field], texts), "decided": by}


def day(written: str, texts: Texts) -> str:
    """Return a day as the language writes it."""
    return texts.written(written)


def moment(written: str, texts: Texts) -> str:
    """Return an instant as the language writes it, in the province's time."""
    return texts.moment(datetime.fromisoformat(written))
