"""The console's words, numbers and dates in each of its languages."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from contracts.days import PROVINCE_TIME
from contracts.reasons import REASONS

LANGUAGES = ("vi", "en")
PARTS = ("words", "said", "pages", "forms", "assessment", "cells")
"""Words for codes, what events say, what stands on the pages, and what commands ask; assessment's
commands and the pages on cells apart."""

FOLDER = Path(__file__).parent / "texts"
MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Texts:
    """One language: its sentences by key, and how it writes figures and days."""

    language: str
    sentences: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """Return the sentence named `key`, its {blanks} filled in.

        A key ending in `.one` is taken where `n` is 1 and the language has one.
        Raises KeyError for a key that no file has: a defect, found by a test.
        """
        if values.get("n") == 1 and f"{key}.one" in self.sentences:
            key = f"{key}.one"
        filled = {name: self.number(value) if _counted(value) else value for name, value in values.items()}
        return self.sentences[key].format(**filled)

    def of(self, family: str, name: str | None) -> str:
        """Return the word for a code of some family (`kind`, `level`), or the code itself if it is new."""
        return self.sentences.get(f"{family}.{name}", name or "")

    def refusal(self, service: str, reason: str) -> str | None:
        """Return why `service` refused, or None where no sentence says it.

        Two services may refuse under one name, for another reason: then each has its sentence.
        """
        return self.sentences.get(f"refusal.{service}.{reason}") or self.sentences.get(f"refusal.{reason}")

    def number(self, value: object) -> str:
        """Return a whole number or a decimal with this language's separators: 3.390 or 3,390."""
        written = f"{value:,}"
        return written.translate(str.maketrans(",.", ".,")) if self.language == "vi" else written

    def percent(self, value: Decimal | None) -> str:
        """Return a share such as `104.55 %`; whole shares without decimals, no share as a dash."""
        if value is None:
            return "–"
        return f"{self.number(value.to_integral_value() if value == value.to_integral_value() else value)} %"

    def figure(self, value: str) -> str:
        """Return a decimal that a service wrote as 92.50 as it is written here: 92,5."""
        exact = Decimal(value)
        whole = exact == exact.to_integral_value()
        return self.number(exact.quantize(Decimal(1)) if whole else exact.normalize())

    def day(self, value: date | datetime | None) -> str:
        """Return a day as it is written: 05/11/2024 or 5 Nov 2024."""
        if value is None:
            return "–"
        on = value.astimezone(PROVINCE_TIME) if isinstance(value, datetime) else value
        if self.language == "vi":
            return f"{on.day:02}/{on.month:02}/{on.year}"
        return f"{on.day} {MONTHS_EN[on.month - 1]} {on.year}"

    def written(self, value: str) -> str:
        """Return a day that a service wrote as 2024-11-05 as it is written here."""
        return self.day(date.fromisoformat(value))

    def moment(self, value: datetime) -> str:
        """Return an instant to the minute, by the province's clock."""
        return f"{self.day(value)}, {value.astimezone(PROVINCE_TIME):%H:%M}"

    def month(self, period: str) -> str:
        """Return the short name of a month such as `2024-11`: T11 or Nov."""
        number = int(period[5:7])
        return f"T{number}" if self.language == "vi" else MONTHS_EN[number - 1]

    def period(self, period: str) -> str:
        """Return a month with its year: 11/2024 or Nov 2024; a year stays a year."""
        if not re.fullmatch(r"\d{4}-\d{2}", period):
            return period
        if self.language == "vi":
            return f"{period[5:7]}/{period[:4]}"
        return f"{self.month(period)} {period[:4]}"


def _counted(value: object) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def load(language: str) -> Texts:
    """Return the texts of one of LANGUAGES, read from its files; why services refuse, from the contracts."""
    files = [json.loads((FOLDER / f"{language}.{part}.json").read_text("utf-8")) for part in PARTS]
    refusals = {f"refusal.{reason}": getattr(said, language) for reason, said in REASONS.items()}
    return Texts(language, refusals | {key: said for file in files for key, said in file.items()})


def choose(asked: str | None, remembered: str | None, accepted: str | None) -> str:
    """Return the language to answer in: asked for, else remembered, else the browser's, else Vietnamese."""
    for wish in (asked, remembered):
        if wish in LANGUAGES:
            return wish
    return _preferred(accepted or "") or LANGUAGES[0]


def _preferred(accepted: str) -> str | None:
    """Return the language the browser ranks first among ours (RFC 9110, 12.5.4)."""
    ranked: list[tuple[float, str]] = []
    for part in accepted.split(","):
        tag, _, quality = part.strip().partition(";q=")
        language = tag.split("-")[0].lower()
        if language in LANGUAGES and re.fullmatch(r"[01](\.\d{1,3})?|", quality):
            ranked.append((-float(quality or 1), language))
    return min(ranked, key=lambda one: one[0])[1] if ranked else None
