"""A registry of which one part fails, and another will not end: `python -m tests.chassis.stubborn`."""

import asyncio

from services.registry.main import RegistrySettings, create

kept = set()


async def fail():
    kept.add(asyncio.create_task(hold_on()))
    await asyncio.wait(kept, timeout=0.1)  # it holds on by then
    raise RuntimeError("a part has failed")


async def hold_on():
    """Swallow every cancellation, as a pool's worker does that is connecting just then."""
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            continue


if __name__ == "__main__":
    service = create(RegistrySettings.load())
    service.keeps_running(fail)
    service.run()
