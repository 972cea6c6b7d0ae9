"""What a district's software has to do, and what was found of it."""

from dataclasses import dataclass, field

RULES = {
    "envelope": "What it sends is a CloudEvent of a type that districts send, on the subject of its name.",
    "data": "The data of an event is as its schema says.",
    "header": "It sends no Nats-Msg-Id header: a second sending has to arrive.",
    "numbers": "What one source sends to one owner is numbered 1, 2, 3 … without holes.",
    "once": "An event keeps its id, its number and its content however often it is sent.",
    "resends": "An event that got no receipt is sent again.",
    "wanted": "A number that is wanted is sent again within ten seconds.",
    "final": "What was answered (accepted, duplicate, rejected) is not sent again and again.",
    "line": "After a cut line it comes back, and sends again what has no receipt.",
    "asks": "It asks what has arrived, and says the highest number it has given out.",
    "corrects": "A corrected event names the rejected one it replaces.",
    "closes": "A month is closed by a manifest with the right digests and signature.",
}

OPTIONAL = frozenset({"asks", "corrects", "closes"})
"""Those that a program may leave to others; what it does of them it does right."""


@dataclass
class Findings:
    """What became of each rule: kept, broken (and how, as it was first seen), or not tried."""

    kept: set[str] = field(default_factory=set)
    broken: dict[str, str] = field(default_factory=dict)

    def keep(self, rule: str) -> None:
        """Note that a rule was kept."""
        assert rule in RULES
        self.kept.add(rule)

    def breach(self, rule: str, how: str) -> None:
        """Note that a rule was broken."""
        assert rule in RULES
        self.broken.setdefault(rule, how)

    @property
    def conforms(self) -> bool:
        """Return whether nothing was broken, and all was tried that every program has to do."""
        return not self.broken and RULES.keys() - OPTIONAL <= self.kept

    def of(self, rule: str) -> str:
        """Return `kept`, `broken` or `not tried`."""
        return "broken" if rule in self.broken else "kept" if rule in self.kept else "not tried"
