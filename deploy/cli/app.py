"""The commands by name, and how they fail: in one line, with 1, or 2 for a misspelt command."""

import logging
import sys
from typing import Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from deploy.cli.conformance import conformance
from deploy.cli.credentials import district
from deploy.cli.districts import districts
from deploy.cli.failure import Failure
from deploy.cli.importing import import_file
from deploy.cli.leaf import leaf
from deploy.cli.parked import parked
from deploy.cli.publish import publish
from deploy.cli.rebuild import rebuild
from deploy.cli.replay import replay
from deploy.cli.standing import status
from deploy.cli.token import token
from deploy.cli.up import clean_data, up
from deploy.embedded.process import CannotStart

INTERRUPTED = 130


class OneLine(TyperGroup):
    """Commands whose every failure is one line on standard error."""

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run the command named in `args` and exit."""
        logging.getLogger("asyncio").setLevel(logging.ERROR)  # it warns whenever nats-py's TLS line ends
        try:
            code = super().main(*args, **{"prog_name": "fourgood", **extra, "standalone_mode": False})
        except TyperException as error:
            misuse: Any = error
            code = _said(misuse.format_message().replace("Value error, ", ""), 2)
        except (Failure, CannotStart) as error:
            code = _said(str(error), 1)
        except typer.Abort:
            code = _said("not confirmed, nothing was done (--yes does not ask)", 1)
        except KeyboardInterrupt:
            code = _said("stopped", INTERRUPTED)
        except BrokenPipeError:
            code = 1  # whoever read our output has gone
        sys.exit(code if isinstance(code, int) else 0)


def _said(line: str, code: int) -> int:
    if line:  # there is none where the help was shown instead
        sys.stderr.write(f"fourgood: {' '.join(line.split())}\n")
    return code


app = typer.Typer(
    name="fourgood",
    help="One cell's year, end to end: a district publishes, the province answers, an auditor replays.",
    epilog="Example: fourgood up",
    cls=OneLine,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.command(epilog="Example: fourgood up --reporting-port 9100")(up)
app.command(epilog="Example: fourgood publish events.jsonl --district THAN-UYEN")(publish)
app.command(epilog="Example: fourgood conformance nats://192.0.2.10:4222 --file than-uyen.json")(conformance)
app.command("import", epilog="Example: fourgood import members.xlsx --check")(import_file)
app.command(epilog="Example: fourgood replay TU-C-001 --as-of 2024-12-31")(replay)
app.command(epilog="Example: fourgood status")(status)
app.command(epilog="Example: fourgood districts THAN-UYEN --month 2024-11")(districts)
app.command(epilog="Example: fourgood rebuild headcount --shadow")(rebuild)
app.add_typer(parked, name="parked")
app.add_typer(district, name="district")
app.command(epilog="Example: fourgood leaf THAN-UYEN_1.json --hub nats-leaf://bus.example.org:7422")(leaf)
app.command(epilog="Example: fourgood token --role officer --subtree THAN-UYEN --days 7")(token)
app.command("clean-data", epilog="Example: fourgood clean-data --yes")(clean_data)
