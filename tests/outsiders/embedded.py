"""The same with contracts/publisher, a month closed at the end: python embedded.py FILE COUNT RESEND_S."""

import asyncio
import sys
from pathlib import Path

from contracts.publisher import Publisher, flight, publisher
from contracts.receipt import Receipt

TYPE = "registry.AdmissionTargetSet.v1"


async def run(file: Path, count: int) -> None:
    """Send, correct what is rejected, and close the month."""

    def told(receipt: Receipt) -> None:
        if receipt.outcome == "rejected":
            sending.add(TYPE, target(1), id=f"instead-of-{receipt.id}", replaces=receipt.id)

    def target(value: int) -> dict[str, object]:
        return {
            "organization": sending.credentials.district,
            "year": "2025",
            "target": value,
            "set_on": "2025-01-06",
        }

    async with Publisher(file, file.with_suffix(".db"), told=told) as sending:
        for number in range(1, count + 1):
            sending.add(TYPE, target(number), id=f"target-{number}")
        await sending.confirmed()
        sending.close_period("2025-01")
        await sending.confirmed()


if __name__ == "__main__":
    file, count, resend_s = sys.argv[1:]
    flight.ANSWERED_WITHIN_S, publisher.ASK_EVERY_S = float(resend_s), float(resend_s)
    asyncio.run(run(Path(file), int(count)))
