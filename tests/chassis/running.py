"""A service in a process of its own, on the test's servers."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic

import httpx
import psutil

from deploy.embedded.process import LOOPBACK
from tests.chassis.story import until
from tests.patience import PATIENCE_S

ROOT = Path(__file__).parents[2]
PROVINCE = {
    "organization": "LAI-CHAU",
    "name": "Tỉnh ủy Lai Châu",
    "kind": "PROVINCIAL_COMMITTEE",
    "founded_on": "1950-10-01",
}


class Registry:
    """A registry in a process of its own."""

    def __init__(self, process, port, token):
        self.process = process
        self.port = int(port)
        self.http = httpx.AsyncClient(
            base_url=f"http://{LOOPBACK}:{port}",
            headers={"Authorization": f"Bearer {token}"},
            timeout=PATIENCE_S,
        )

    async def status(self, path):
        """Return the status of a GET, 0 if nobody answers."""
        try:
            return (await self.http.get(path)).status_code
        except httpx.TransportError:
            return 0

    async def waiting_for(self):
        try:
            return (await self.http.get("/readyz")).json()["waiting_for"]
        except httpx.TransportError:
            return {}

    async def ready(self):
        return await self.status("/readyz") == 200

    async def ended(self):
        """Return the exit code, as soon as there is one."""
        await until(lambda: self.process.poll() is not None)
        return self.process.returncode

    def stop(self):
        self.process.send_signal(signal.SIGTERM)

    async def stopped(self):
        """Stop it. Return its exit code, and after how many seconds."""
        began = monotonic()
        self.stop()
        return await self.ended(), monotonic() - began

    def memory_mb(self):
        return psutil.Process(self.process.pid).memory_info().rss / 1e6

    async def metrics(self, name):
        """Return the values of one metric, by its label."""
        text = (await self.http.get("/metrics")).text
        return {
            what: float(value)
            for what, value in re.findall(rf'^{name}{{what="(.*)"}} (.*)$', text, re.MULTILINE)
        }

    async def crowd(self, clients, body):
        """Let clients come all at once, over a connection each. Return each one's status and answer.

        The status is 0 for one whose connection ends without an answer.
        """
        token = self.http.headers["authorization"]
        return await asyncio.gather(*(self._one(token, json.dumps(body(n)).encode()) for n in range(clients)))

    async def _one(self, token, body):
        writer = None
        try:
            reader, writer = await asyncio.open_connection(LOOPBACK, self.port)
            writer.write(
                f"POST /registry/v1/organizations HTTP/1.1\r\nHost: registry\r\nAuthorization: {token}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
                + body
            )
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = int(re.search(r"content-length: (\d+)", head)[1])
            return int(head.split()[1]), json.loads(await reader.readexactly(length))
        except (OSError, asyncio.IncompleteReadError):
            return 0, {}
        finally:
            if writer:
                writer.close()


@asynccontextmanager
async def started(nats, environment, log, module="services.registry"):
    """Start a registry, and end it with the body."""
    with log.open("wb") as out:
        process = subprocess.Popen(  # noqa: ASYNC220 - it returns at once
            [sys.executable, "-m", module],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"]} | environment,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    registry = Registry(process, environment["PORT"], nats.keys.token("officer"))
    try:
        yield registry
    finally:
        await registry.http.aclose()
        if process.poll() is None:
            process.kill()
        process.wait()


def events(log):
    return [json.loads(line)["event"] for line in log.read_text().splitlines()]
