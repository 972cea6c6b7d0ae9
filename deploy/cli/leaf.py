"""The NATS server of a district's office, until Ctrl-C."""

from pathlib import Path
from threading import Event
from typing import Annotated

import typer
from pydantic import ValidationError

from contracts.credentials import Credentials
from deploy.cli.failure import Failure
from deploy.cli.screen import OUT
from deploy.embedded.office import HUB_PORT, Office
from deploy.embedded.process import LOOPBACK
from deploy.embedded.supervisor import own_terminal, stopped_by_signals

LOOK_EVERY_S = 0.5


def leaf(
    file: Annotated[Path, typer.Argument(help="The file the district was handed.", show_default=False)],
    hub: Annotated[
        str,
        typer.Option(
            help=f"Where the province listens for offices: tls://host:{HUB_PORT}, nats-leaf:// without TLS.",
            show_default="the host of the file's first address",
        ),
    ] = "",
    host: Annotated[str, typer.Option(help="Where the office reaches it.")] = LOOPBACK,
    port: Annotated[int, typer.Option(min=1, max=65535, help="And on which port.")] = 4222,
    folder: Annotated[
        Path, typer.Option(help="What it keeps: streams of the office's own, and its log.")
    ] = Path(".office"),
) -> None:
    """Run a district office's own NATS server: one line to the province for everyone in the office."""
    office = Office(credentials_in(file), folder.absolute(), hub=hub, host=host, port=port)
    stopping = Event()
    with own_terminal(), stopped_by_signals(stopping):
        try:
            office.start()
            OUT.print(
                f"{office.credentials.district}: nats://{host}:{port}, with the user and password of {file}"
            )
            said = ""
            while not stopping.wait(LOOK_EVERY_S):
                if not office.alive:
                    raise Failure(f"the office's NATS ended: see {office.log}")
                if (trouble := office.trouble()) != said:
                    OUT.print(said := trouble)
        finally:
            office.stop()


def credentials_in(file: Path) -> Credentials:
    """Return what stands in a file that was handed over. Raises Failure."""
    try:
        return Credentials.model_validate_json(file.read_bytes())
    except OSError as error:
        raise Failure(f"cannot read {file}: {error.strerror}") from None
    except ValidationError:
        raise Failure(f"{file} is no file of credentials: see `fourgood district add`") from None
