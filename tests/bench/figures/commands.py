"""Commands over HTTP: one service process beside its validate-only route, and beside the plain way."""

import json
import shutil
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable

from deploy.embedded.runtime import SERVICES
from tests.bench import lab, plain
from tests.bench.figure import Figure, Rival, in_turn
from tests.bench.http import Edge, Load

PATH = "/registry/v1/members"
VALIDATED = f"{PATH}?validate_only=true"
OTHERS = [name for name in SERVICES if name != "registry"]


async def measure(sizes: lab.Sizes) -> AsyncIterator[Figure]:
    """Measure with the registry alone, then with all five services running."""
    with lab.province() as province, plain.service(province.embedded) as plain_url:
        edge = Edge(province.url("registry"), province.token("officer"))
        await lab.found_cell(edge)
        for name in OTHERS:
            province.terminate(name)
        alone = await _together(sizes, edge, Edge(plain_url, edge.token), clients=16)
        yield _rate("16 clients, one process", alone)
        yield _rate("64 clients, one process", await _together(sizes, edge, Edge(plain_url, edge.token), 64))
        yield Figure(
            "command p50, 16 clients",
            "ms",
            [load.percentile_ms(0.5) for load in alone["ours"]],
            [_latency(name, kind, alone[key], 0.5) for name, kind, key in RIVALS],
            goal=6.0,
            at_most=True,
        )
        yield await _half_load(sizes, edge, alone["ours"][0].per_s / 2)
        for figure in _by_wrk(sizes, edge, alone):
            yield figure
        for name in OTHERS:
            province.restart(name)
        yield _rate(
            "16 clients, all five services", await _together(sizes, edge, Edge(plain_url, edge.token), 16)
        )


RIVALS = (("validate-only route", "limit", "validated"), ("def route + save()", "library", "plain"))


async def _together(sizes: lab.Sizes, edge: Edge, plain: Edge, clients: int) -> dict[str, list[Load]]:
    """Return the loads of each way with the same clients."""

    def posting(to: Edge, path: str, number: int) -> Callable[[], Awaitable[Load]]:
        async def post() -> Load:
            requests = [to.request("POST", path, lab.admission(lab.member())) for _ in range(number)]
            return await to.as_fast_as_possible(requests, clients=clients)

        return post

    many = sizes(12_000, quick=320)
    return await in_turn(
        sizes.rounds,
        validated=posting(edge, VALIDATED, many),
        ours=posting(edge, PATH, many),
        plain=posting(plain, PATH, many // 8),
    )


def _rate(how: str, loads: dict[str, list[Load]]) -> Figure:
    goals = {"validated": 0.7, "plain": 8.0} if "one process" in how else {}
    return Figure(
        f"commands over HTTP, {how}",
        "/s",
        [load.per_s for load in loads["ours"]],
        [
            Rival(name, kind, [load.per_s for load in loads[key]], goals.get(key))
            for name, kind, key in RIVALS
        ],
    )


def _latency(name: str, kind: str, loads: list[Load], share: float, goal: float | None = None) -> Rival:
    return Rival(name, kind, [load.percentile_ms(share) for load in loads], goal)


async def _half_load(sizes: lab.Sizes, edge: Edge, per_s: float) -> Figure:
    """Measure p99 at half the pace that 16 clients reach, which the validate-only route is given too."""

    def at_pace(path: str) -> Callable[[], Awaitable[Load]]:
        async def post() -> Load:
            number = int(per_s * sizes(4, quick=1))
            requests = [edge.request("POST", path, lab.admission(lab.member())) for _ in range(number)]
            return await edge.at_pace(requests, per_s)

        return post

    loads = await in_turn(sizes.rounds, validated=at_pace(VALIDATED), ours=at_pace(PATH))
    return Figure(
        "command p99 at half that load",
        "ms",
        [load.percentile_ms(0.99) for load in loads["ours"]],
        [_latency("validate-only route", "limit", loads["validated"], 0.99, 1.5)],
        at_most=True,
        note=f"{per_s:,.0f} commands/s, counted from the time each was due",
    )


def _by_wrk(sizes: lab.Sizes, edge: Edge, ours: dict[str, list[Load]]) -> list[Figure]:
    """Return what `wrk` reaches where our clients did: whether they are what was measured."""
    names = {"validated": ("validate-only route", VALIDATED), "ours": ("commands", PATH)}
    if not shutil.which("wrk"):
        return []
    return [
        Figure(
            f"our HTTP clients, {name}, 16 clients",
            "/s",
            [load.per_s for load in ours[key]],
            [Rival("wrk", "same", [_wrk(edge, path, sizes(4, quick=1)) for _ in range(sizes.rounds)])],
            note="whether the clients, which share the cores, are what is measured",
        )
        for key, (name, path) in names.items()
    ]


def _wrk(edge: Edge, path: str, for_s: int) -> float:
    body = json.dumps(lab.admission("MEMBER"))
    done = subprocess.run(
        [
            *("wrk", "-t1", "-c16", f"-d{for_s}s"),
            "-s",
            lab.HERE / "wrk.lua",
            edge.base + path,
            "--",
            edge.token,
            body,
            f"{lab.member()}-",
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=for_s + 60,
    )
    requests, microseconds, failed = done.stdout.rpartition("RESULT ")[2].split()
    assert failed == "0", done.stdout
    return int(requests) / int(microseconds) * 1e6
