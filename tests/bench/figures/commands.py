"""Commands over HTTP: one service process beside its validate-only route, and beside the plain way."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from statistics import median

from deploy.embedded.runtime import SERVICES
from tests.bench import lab, plain
from tests.bench.figure import Figure, Kind, Rival, in_turn
from tests.bench.http import Edge, Load

ADMIT = "/registry/v1/members"
VALIDATE = f"{ADMIT}?validate_only=true"
OTHERS = [name for name in SERVICES if name != "registry"]

RIVALS: dict[str, tuple[str, Kind]] = {
    "validated": ("validate-only route", "limit"),
    "plain": ("def route + save()", "library"),
}
Loads = dict[str, list[Load]]
Post = Callable[[], Awaitable[Load]]


async def measure(sizes: lab.Sizes) -> AsyncIterator[Figure]:
    """Measure with the registry alone, then with all five services running."""
    with lab.province() as province, plain.service(province.embedded) as plain_url:
        registry = Edge(province.url("registry"), province.token("officer"))
        await lab.found_cell(registry)
        for name in OTHERS:
            province.terminate(name)
        posting = Posting(registry, Edge(plain_url, registry.token), sizes)
        alone = await posting.together(16)
        yield _rate("16 clients, one process", alone)
        yield _rate("64 clients, one process", await posting.together(64))
        yield _percentile("command p50, 16 clients", alone, 0.5, goal=6.0)
        half = alone["ours"][0].per_s / 2
        yield _percentile(
            "command p99 at half that load",
            await posting.paced(half),
            0.99,
            against=1.5,
            note=f"{half:,.0f} commands/s",
        )
        if shutil.which("wrk"):
            for figure in _clients(await posting.beside_wrk()):
                yield figure
        for name in OTHERS:
            province.restart(name)
        yield _rate("16 clients, all five services", await posting.together(16))


@dataclass
class Posting:
    """Admissions posted to the registry, to its validate-only route, and to the plain service."""

    registry: Edge
    plain: Edge
    sizes: lab.Sizes

    @property
    def many(self) -> int:
        """Return how many requests a round has; the plain service, which is slower, gets an eighth."""
        return self.sizes(12_000, quick=320)

    async def together(self, clients: int) -> Loads:
        """Return what `clients` achieve with each."""

        def post(to: Edge, path: str, number: int) -> Post:
            return lambda: to.as_fast_as_possible(self._requests(to, path, number), clients=clients)

        return await in_turn(
            self.sizes.rounds,
            validated=post(self.registry, VALIDATE, self.many),
            ours=post(self.registry, ADMIT, self.many),
            plain=post(self.plain, ADMIT, self.many // 8),
        )

    async def paced(self, per_s: float) -> Loads:
        """Return how long answers take at a steady pace; one that is late counts from when it was due."""
        number = int(per_s * self.sizes(4, quick=1))

        def post(path: str) -> Post:
            return lambda: self.registry.at_pace(self._requests(self.registry, path, number), per_s)

        return await in_turn(self.sizes.rounds, validated=post(VALIDATE), ours=post(ADMIT))

    async def beside_wrk(self) -> Loads:
        """Return what our clients achieve, and what wrk does in their place."""

        def post(path: str) -> Post:
            return lambda: self.registry.as_fast_as_possible(
                self._requests(self.registry, path, self.many), clients=16
            )

        return await in_turn(
            self.sizes.rounds,
            validated=post(VALIDATE),
            validated_by_wrk=lambda: self._wrk(VALIDATE),
            admitted=post(ADMIT),
            admitted_by_wrk=lambda: self._wrk(ADMIT),
        )

    def _requests(self, to: Edge, path: str, number: int) -> list[bytes]:
        return [to.request("POST", path, lab.admission(lab.member())) for _ in range(number)]

    async def _wrk(self, path: str) -> Load:
        body, prefix = json.dumps(lab.admission("MEMBER")), f"{lab.member()}-"
        run = ("wrk", "-t1", "-c16", f"-d{self.sizes(4, quick=1)}s", "-s", lab.HERE / "wrk.lua")
        wrk = await asyncio.create_subprocess_exec(
            *(*run, self.registry.base + path, "--", self.registry.token, body, prefix),
            stdout=asyncio.subprocess.PIPE,
        )
        said, _ = await wrk.communicate()
        requests, microseconds, failed = said.decode().rpartition("RESULT ")[2].split()
        assert failed == "0", said
        return Load(int(requests) / int(microseconds) * 1e6, [])


def _rate(how: str, loads: Loads) -> Figure:
    goals = {"validated": 0.7, "plain": 8.0} if "one process" in how else {}
    return Figure(
        f"commands over HTTP, {how}",
        "/s",
        [load.per_s for load in loads["ours"]],
        [
            Rival(name, kind, [load.per_s for load in loads[way]], goals.get(way))
            for way, (name, kind) in RIVALS.items()
        ],
        note=f"{len(loads['ours'][0].took_s):,} commands each round",
    )


def _percentile(
    name: str,
    loads: Loads,
    share: float,
    *,
    goal: float | None = None,
    against: float | None = None,
    note: str = "",
) -> Figure:
    def of(way: str) -> list[float]:
        return [load.percentile_ms(share) for load in loads[way]]

    rivals = [(way, *rival) for way, rival in RIVALS.items() if way in loads]
    return Figure(
        name,
        "ms",
        of("ours"),
        [Rival(rival, kind, of(way), against) for way, rival, kind in rivals],
        goal=goal,
        at_most=True,
        note=note,
    )


def _clients(loads: Loads) -> list[Figure]:
    return [
        Figure(
            f"our HTTP clients, 16, {name}",
            "/s",
            [load.per_s for load in loads[way]],
            [Rival("wrk in their place", "same", [load.per_s for load in loads[f"{way}_by_wrk"]])],
            note=f"{median(load.spent_us for load in loads[way]):.0f} µs of a processor spent per request",
        )
        for way, name in (("validated", "validate-only route"), ("admitted", "commands"))
    ]
