"""Run everything on this machine until Ctrl-C, and empty its data folder."""

import os
import shutil
from pathlib import Path
from threading import Thread
from typing import Annotated, Any

import typer
from rich.progress import Progress

from deploy.cli.failure import Failure
from deploy.cli.place import DATA, Data
from deploy.cli.sample import Loading
from deploy.cli.screen import ERR, OUT, bar
from deploy.embedded.runtime import DISTRICTS, SERVICES, Embedded, Ports, held
from deploy.embedded.supervisor import ServiceProcess, Supervisor, own_terminal, stopped_by_signals

SECRETARY_OF = "BIEU-NGHI"
"""The sample's cell whose secretary one can sign in as."""

PORTS = Ports()


def _port(name: str) -> Any:
    return typer.Option(envvar=f"FOURGOOD_PORT_{name.upper()}", min=0, max=65535, help="0 is any free port.")


def up(  # noqa: PLR0917 - an option for each port
    data: Data = DATA,
    reporting_port: Annotated[int, _port("reporting")] = PORTS.reporting,
    registry_port: Annotated[int, _port("registry")] = PORTS.registry,
    assessment_port: Annotated[int, _port("assessment")] = PORTS.assessment,
    classification_port: Annotated[int, _port("classification")] = PORTS.classification,
    notification_port: Annotated[int, _port("notification")] = PORTS.notification,
    nats_port: Annotated[int, _port("nats")] = PORTS.nats,
    postgres_port: Annotated[int, _port("postgres")] = PORTS.postgres,
    offices_port: Annotated[int, _port("offices")] = PORTS.offices,
    district: Annotated[
        list[str] | None, typer.Option(help="Let a district in beside the sample's; repeatable.")
    ] = None,
    sample: Annotated[bool, typer.Option(help="Load the sample on the first start.")] = True,
) -> None:
    """Start NATS, PostgreSQL and the five services, load the sample once, and keep all running until Ctrl-C.

    The data folder is found again by the next start.
    """
    ports = Ports(
        reporting_port,
        registry_port,
        assessment_port,
        classification_port,
        notification_port,
        nats_port,
        postgres_port,
        offices_port,
    )
    embedded = Embedded(data, ports, [*DISTRICTS, *(district or ())])
    embedded.hold()
    supervisor = supervise(embedded)
    with own_terminal(), stopped_by_signals(supervisor.stopping):
        try:
            _start(embedded, supervisor)
            if sample and not supervisor.stopping.is_set():
                _load(embedded, supervisor)
            if not supervisor.stopping.is_set():
                _welcome(embedded)
            supervisor.run()
            _say("stopping")
        finally:
            supervisor.stop()
            embedded.stop()
    _say("stopped")


def clean_data(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    data: Data = DATA,
) -> None:
    """Forget everything that was recorded, with the keys."""
    if not data.exists():
        OUT.print(f"{data} is empty already")
        return
    if not (data / "lock").exists() or not (data / "keys").exists():
        raise Failure(f"{data.absolute()} is no data folder of fourgood: nothing was erased")
    lock = held(data)
    if not yes:
        typer.confirm(f"Erase all that was recorded in {data.absolute()}?", abort=True)
    shutil.rmtree(data)
    lock.close()
    OUT.print(f"{data} is empty")


def supervise(embedded: Embedded) -> Supervisor:
    """Return the supervisor of both servers and the five services."""
    services = [
        ServiceProcess(name, embedded.environment(name), getattr(embedded.ports, name), embedded.log(name))
        for name in SERVICES
    ]
    return Supervisor([embedded.nats, embedded.postgres], services, say=_say)


def _start(embedded: Embedded, supervisor: Supervisor) -> None:
    _say(f"starting on {_short(embedded.data)}")
    with bar() as progress:
        task = progress.add_task("NATS and PostgreSQL", total=1 + len(SERVICES))
        embedded.start()
        embedded.keys.write_sample_tokens({"secretary": SECRETARY_OF})
        embedded.describe()
        progress.update(task, advance=1, description="services")
        supervisor.start(
            report=lambda ready, name: progress.update(
                task, completed=1 + ready, description=f"{name} is ready"
            )
        )


def _load(embedded: Embedded, supervisor: Supervisor) -> None:
    """Load the sample beside the supervisor, which goes on tending: whatever dies meanwhile comes back."""
    loading = Loading(embedded)
    if loading.was_done:
        return
    _say("loading the sample: the figures of five articles, as their districts would send them")
    with bar() as progress:
        thread = _in_background(loading, progress)
        supervisor.run(until=lambda: not thread.is_alive())
    if not thread.is_alive():
        _say(loading.outcome)


def _in_background(loading: Loading, progress: Progress) -> Thread:
    task = progress.add_task("sample", total=None)
    thread = Thread(
        target=loading.run,
        kwargs={"report": lambda done, total: progress.update(task, completed=done, total=total)},
        daemon=True,
    )
    thread.start()
    return thread


def _welcome(embedded: Embedded) -> None:
    options = "" if embedded.data == DATA.absolute() else f" --data {_short(embedded.data)}"
    OUT.print(
        f"\nConsole  {embedded.address('reporting')}  (Ctrl-C stops everything)\n\n"
        "Try, in another terminal:\n"
        f"  .venv/bin/fourgood status{options}\n"
        f"  .venv/bin/fourgood replay {SECRETARY_OF} --as-of 2024-11-30{options}\n"
        f"  .venv/bin/fourgood rebuild headcount{options}\n",
        markup=False,
        soft_wrap=True,
    )


def _short(path: Path) -> str:
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)


def _say(line: str) -> None:
    ERR.print(f"fourgood: {line}", markup=False, soft_wrap=True)
