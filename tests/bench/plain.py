"""A service as the libraries' documentations write it: a plain `def` route, pydantic, the library's `save()`.

It takes the registry's command, in one process of uvicorn with the same loop and parser.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from eventsourcing.application import Application
from fastapi import FastAPI

from deploy.embedded.process import LOOPBACK, end, free_port, until
from deploy.embedded.runtime import Embedded
from deploy.embedded.supervisor import ServiceProcess
from services.registry.application import AdmitMember
from tests.bench import library
from tests.bench.lab import database


def create() -> FastAPI:
    """Return the application; uvicorn calls it."""
    api, log = FastAPI(), Application(env=dict(os.environ))

    @api.get("/readyz")
    def readyz() -> dict[str, str]:
        return {"status": "ready"}

    @api.post("/registry/v1/members", status_code=201)
    def admit(command: AdmitMember) -> dict[str, object]:
        stored = log.save(library.admitted(command.member))
        return {"subject": command.member, "position": stored[-1].notification.id}

    return api


@contextmanager
def service(embedded: Embedded) -> Iterator[str]:
    """Hold the service with a database of its own. Yields its address."""
    port = free_port()
    uvicorn = (sys.executable, "-m", "uvicorn", "--factory", "tests.bench.plain:create", "--port", str(port))
    options = ("--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning")
    plain = ServiceProcess(
        "plain", library.environment(database(embedded)), port, embedded.log("plain"), (*uvicorn, *options)
    )
    plain.start()
    assert plain.process
    try:
        if not until(lambda: not plain.waits_for(), within_s=60.0):
            raise TimeoutError(embedded.log("plain").read_text()[-2000:])
        yield f"http://{LOOPBACK}:{port}"
    finally:
        end(plain.process)
