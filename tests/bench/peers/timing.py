"""Single appends, one after the other and by several writers at once, timed alike for every peer."""

import asyncio
from collections.abc import Awaitable, Callable
from time import perf_counter


async def singles(task: dict, append_each: Callable[[int], Awaitable[None]]) -> dict[str, float]:
    """Return how many a second `append_each` appends alone, and by 8 and by 16 writers."""
    taken = {}
    for name, writers in (("single", 1), ("writers_8", 8), ("writers_16", 16)):
        began = perf_counter()
        await asyncio.gather(*(append_each(task[name] // writers) for _ in range(writers)))
        taken[name] = task[name] / (perf_counter() - began)
    return taken
