"""A bearer token from the signing key of the data folder."""

from typing import Annotated, Literal

import typer

from deploy.cli.failure import Failure
from deploy.cli.place import DATA, Data
from deploy.embedded.keys import EVERYWHERE, Keys

Role = Literal["officer", "auditor", "operator", "secretary"]


def token(
    role: Annotated[Role | None, typer.Option(help="What the bearer may do.")] = None,
    subtree: Annotated[
        str, typer.Option(help="The organization at or beneath which they may do it; * is everywhere.")
    ] = EVERYWHERE,
    days: Annotated[float, typer.Option(min=0.001, max=3660, help="How long it is valid.")] = 30,
    member: Annotated[
        str,
        typer.Option(help="The bearer's own code as a member: they may do what goes with their offices."),
    ] = "",
    subject: Annotated[str, typer.Option(help="Who bears it, as an account's name; never a person's.")] = "",
    data: Data = DATA,
) -> None:
    """Print a token that the services on this data folder accept."""
    if not role and not member:
        raise Failure("say what the bearer may do: --role, --member or both")
    if not (data / "keys" / "signing.pem").exists():
        raise Failure(
            f"no signing key in {data.absolute()}: start `fourgood up` once, or name its folder with --data"
        )
    keys = Keys(data / "keys")
    typer.echo(keys.token(role or "", subtree=subtree, days=days, subject=subject, member=member))
