"""What officers tell over HTTP of cells of their own making, each command after all that was told before."""

from typing import Any

from tests.assessment.bodies import MEETING

ROOT = "TAM-KY"
"""A committee whose organizations no test counts."""


class Clerk:
    """One who tells and asks, and is answered as of the last thing told."""

    def __init__(self, ask: Any) -> None:
        self.ask = ask
        self.positions: dict[str, int] = {}

    async def tell(self, service: str, path: str, body: dict[str, Any], **by: Any) -> dict[str, Any]:
        """Give a command that has to be taken, and return its receipt."""
        answer = await self._command(service, path, body, by)
        assert 201 == answer.status_code, answer.text
        receipt: dict[str, Any] = answer.json()
        self.positions[service] = receipt["position"]
        return receipt

    async def refused(self, service: str, path: str, body: dict[str, Any], **by: Any) -> tuple[int, str]:
        """Give a command that has to be refused, and return with which status and by what name."""
        answer = await self._command(service, path, body, by)
        return answer.status_code, answer.json()["title"]

    async def read(self, service: str, path: str, **by: Any) -> Any:
        """Return what a question is answered with."""
        return await self.ask.json(service, self._after(path), **by)

    def _after(self, path: str) -> str:
        """Return `path` asking for all that was told."""
        told = "&".join(f"after={service}:{position}" for service, position in self.positions.items())
        return f"{path}{'&' if '?' in path else '?'}{told}"

    async def _command(self, service: str, path: str, body: dict[str, Any], by: dict[str, Any]) -> Any:
        return await self.ask(service, self._after(path), method="POST", json=body, **by)

    # -- What most stories begin with

    async def found(self, code: str, kind: str = "GRASSROOTS_CELL", *, under: str = ROOT) -> str:
        """Found an organization, and return its code."""
        body = {"organization": code, "name": f"Tổ chức {code}", "kind": kind, "parent": under}
        await self.tell("registry", "/organizations", body | {"founded_on": "2015-01-01"})
        return code

    async def found_beneath_its_own(self, code: str) -> tuple[str, str]:
        """Found a committee and a cell beneath it, and return their codes, the cell's first."""
        committee = await self.found(f"{code}-CT", "GRASSROOTS_COMMITTEE")
        return await self.found(code, "SUBORDINATE_CELL", under=committee), committee

    async def meet(self, cell: str, on: str, **said: Any) -> str:
        """Hold a meeting, and return its code."""
        body = held(cell, on, **said)
        await self.tell("assessment", "/meetings", body)
        return str(body["meeting"])


def held(cell: str, on: str, *, of: int = 20, present: int | None = None, **said: Any) -> dict[str, Any]:
    """Return the minutes of a meeting of `of` full members, of whom all but those `present` are excused."""
    there = of if present is None else present
    counted = {"summoned": {"full": of, "probationary": 0}, "present": there, "excused": of - there}
    counted |= {"absences": [{"member": f"{cell}-M{n}", "excused": True} for n in range(of - there)]}
    body = {"meeting": f"{cell}-{on}", "organization": cell, "held_at": f"{on}T14:00:00+07:00"}
    return MEETING | {"resolution": None, "tasks": []} | body | counted | said
