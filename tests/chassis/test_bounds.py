"""What is bounded shows its limit and its use."""

import asyncio

import pytest
from prometheus_client import generate_latest
from psycopg_pool import TooManyRequests

from services.chassis.bounds import Bound, Cache, gauges
from services.chassis.eventlog import store
from services.chassis.eventlog.store import open_pool, pool_bounds
from tests.chassis.story import until


class Collected:
    def __init__(self, metrics):
        self.metrics = metrics

    def collect(self):
        return self.metrics


def test_a_bound_shows_its_limit_and_what_of_it_is_used_now():
    waiting = ["a", "b"]
    metrics = gauges([Bound("writer queue", 4096, lambda: len(waiting))])

    said = generate_latest(Collected(metrics)).decode().splitlines()
    assert 'bound_limit{what="writer queue"} 4096.0' in said
    assert 'bound_used{what="writer queue"} 2.0' in said


def test_a_cache_keeps_what_was_used_last():
    cache = Cache("organizations remembered", 2)
    cache.put("A", 1)
    cache.put("B", 2)
    cache.get("A")
    cache.put("C", 3)

    assert [1, None, 3] == [cache.get(name) for name in "ABC"]
    assert (2, 2) == (cache.bound.limit, cache.bound.used())


async def test_who_waits_for_a_connection_beyond_the_bound_is_refused_at_once(database, monkeypatch):
    monkeypatch.setattr(store, "POOL_MAX", 2)
    monkeypatch.setattr(store, "POOL_WAITING_MAX", 1)
    async with open_pool("registry", database) as pool:
        size, waiting = pool_bounds(pool)
        async with pool.connection(), pool.connection():
            first = asyncio.create_task(pool.getconn())
            await until(lambda: waiting.used() == 1)
            with pytest.raises(TooManyRequests):
                await pool.getconn()
            assert 2 == size.used()
        await pool.putconn(await first)
