"""One province with the sample loaded, for every test that only adds; each fault test has its own."""

import os
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, AsyncExitStack
from types import MappingProxyType
from typing import Any

import anyio
import httpx
import pytest

from deploy.embedded.runtime import DISTRICTS
from deploy.sample import CHAPTERS
from services.registry.importing.run import UNDERWAY
from tests.patience import PATIENCE_S
from tests.system.browsing import browser  # noqa: F401 - the browser of every test that asks for one
from tests.system.clerk import Clerk
from tests.system.district import District
from tests.system.processes import Processes

IN_CONTAINERS = os.environ.get("FOURGOOD_TEST_RUNTIME") == "containers"


def new_province(factory: pytest.TempPathFactory, **options: Any) -> AbstractContextManager[Processes]:
    """Return a province not yet started: processes, or containers for `make test-containers`."""
    if IN_CONTAINERS:
        from tests.containers.runtime import Containers

        return Containers(districts=DISTRICTS, **options)
    return Processes(factory.mktemp("province"), **options)


@pytest.fixture(scope="session")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    """Return the province that has heard the whole sample. Tests may add to it, never break it."""
    with new_province(tmp_path_factory) as running:
        anyio.run(load_sample, running)
        yield running


@pytest.fixture
def fragile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    """Return an empty province of the test's own, to be broken."""
    with new_province(tmp_path_factory) as running:
        yield running


@pytest.fixture
async def district(province: Processes) -> AsyncIterator[District]:
    """Return Tam Kỳ's system, connected: no test counts its organizations."""
    async with District(province.nats_url("TAM-KY"), "TAM-KY") as connected:
        yield connected


@pytest.fixture
async def ask(province: Processes) -> AsyncIterator["Ask"]:
    """Return HTTP access to every service of the province as every role."""
    async with httpx.AsyncClient(timeout=PATIENCE_S) as client:
        yield Ask(province, client)


@pytest.fixture
def clerk(ask: "Ask") -> Clerk:
    """Return who tells the services what has to be taken, and reads it back."""
    return Clerk(ask)


class Ask:
    """Requests to the services of one province, each with a role's token."""

    def __init__(self, province: Processes, client: httpx.AsyncClient) -> None:
        self.province = province
        self.client = client

    async def __call__(
        self,
        service: str,
        path: str,
        *,
        role: str = "officer",
        subtree: str = "*",
        member: str = "",
        method: str = "GET",
        headers: Mapping[str, str] = MappingProxyType({}),
        **more: Any,
    ) -> httpx.Response:
        """Return the answer of /<service>/v1<path>."""
        bearer = {"Authorization": f"Bearer {self.province.token(role, subtree, member=member)}"}
        url = f"{self.province.url(service)}/{service}/v1{path}"
        return await self.client.request(method, url, headers={**bearer, **headers}, **more)

    async def json(self, service: str, path: str, **more: Any) -> Any:
        """Return the body of a good answer. A question told to come again (503) does."""
        with anyio.fail_after(PATIENCE_S):
            while (answer := await self(service, path, **more)).status_code == 503 and "method" not in more:
                await look_again()
        assert answer.status_code < 300, answer.text
        return answer.json()

    async def imported(self, file: bytes, **params: Any) -> Any:
        """Send a file to the registry as an officer does, and return how its import ended."""
        path = "/imports"
        with anyio.fail_after(PATIENCE_S):
            while (
                begun := await self("registry", path, method="POST", content=file, params=params)
            ).is_error:
                assert 503 == begun.status_code, begun.text  # files are imported one at a time
                await look_again()
            while (run := await self.json("registry", f"{path}/{begun.json()['id']}"))["state"] in UNDERWAY:
                await look_again()
        return run

    async def until(
        self,
        service: str,
        path: str,
        met: Callable[[Any], bool],
        *,
        role: str = "operator",
        within_s: float = PATIENCE_S,
    ) -> Any:
        """Return what an operator, or who has another role, is told as soon as it satisfies `met`."""
        body: Any = None
        try:
            with anyio.fail_after(within_s):
                while not met(body := await self.json(service, path, role=role)):
                    await look_again()
        except TimeoutError:
            raise AssertionError(f"{service}{path} stayed {body}") from None
        return body

    async def settled(self) -> None:
        """Return when every relay and every view has read all there is."""
        for service in ("registry", "assessment", "classification", "notification", "reporting"):
            await self.until(service, "/status", at_rest)


async def look_again() -> None:
    """Return in a moment. The condition ends the wait, not this: asking without pause slows what is asked."""
    with anyio.move_on_after(0.1):
        await anyio.Event().wait()


def at_rest(status: dict[str, Any]) -> bool:
    """Return whether nothing of a service's status lags."""
    return not any(view["lag"] for view in status["views"]) and not (status["relay"] or {}).get("lag")


async def load_sample(province: Processes) -> None:
    """Publish the sample as its districts would, in its order, and expect every event to be accepted."""
    async with AsyncExitStack() as connected, httpx.AsyncClient(timeout=PATIENCE_S) as client:
        systems = {code: District(province.nats_url(code), code) for code in DISTRICTS}
        for system in systems.values():
            await connected.enter_async_context(system)
        for chapter in CHAPTERS:
            sent: dict[str, list[str]] = {code: [] for code in DISTRICTS}
            for code, event in chapter():
                sent[code].append(event.id)
                await systems[code].publish_soon(event.model_dump(mode="json", exclude_none=True))
            outcomes = {
                receipt["outcome"]
                for code, ids in sent.items()
                for receipt in await systems[code].answers(ids)
            }
            assert {"accepted"} == outcomes
        await Ask(province, client).settled()
