"""How far a caller wants to see: `?after=<service>:<position>` of any question or command."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query
from fastapi.exceptions import RequestValidationError

from services.chassis.views.view import View


@dataclass(frozen=True)
class After:
    """How far a caller wants to see: positions of receipts, by service."""

    positions: Sequence[tuple[str, int]]

    async def wait(self, *views: View) -> None:
        """Wait until every view has read the positions of those it follows. Raises NotYetRead."""
        for view in views:
            for source, position in self.positions:
                if not view.followed or source in view.followed:
                    await view.reached(source, position)


AfterQuery = Annotated[
    list[str] | None, Query(description="<service>:<position> of a receipt", examples=["registry:123"])
]


def positions_in(after: list[str] | None) -> After:
    """Return what `after=registry:123&after=…` asks for. Raises RequestValidationError."""
    positions = []
    for text in after or []:
        match = re.fullmatch(r"([a-z]{1,32}):(\d{1,18})", text)
        if match is None:
            problem = {"loc": ("query", "after"), "msg": "must look like registry:123", "type": "after"}
            raise RequestValidationError([problem | {"input": text}])
        positions.append((match[1], int(match[2])))
    return After(positions)


async def reading(after: AfterQuery = None) -> After:
    """Return the query parameter `after=registry:123`, repeatable: answer once the view has read that far."""
    return positions_in(after)


Reading = Annotated[After, Depends(reading)]
"""How a query route asks for `?after=`."""

AT_ONCE = After(())
"""Wait for nothing: answer by what was read so far."""
