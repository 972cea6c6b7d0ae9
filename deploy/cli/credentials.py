"""Credentials of districts: given out as a file, rotated, revoked, and how each is used."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificates

from contracts.credentials import Credentials
from contracts.days import PROVINCE_TIME
from deploy.cli.failure import Failure
from deploy.cli.place import DATA, Data, Place
from deploy.cli.screen import OUT, table
from deploy.embedded.keys import write_private
from deploy.embedded.process import LOOPBACK

district = typer.Typer(
    help="Let districts in and out, and see how they come.",
    epilog="Example: fourgood district add THAN-UYEN --nats tls://bus.example.org:4222",
    no_args_is_help=True,
)

Code = Annotated[str, typer.Argument(help="The district's code.", show_default=False)]
Expires = Annotated[
    str, typer.Option(help="The first day, in the province, on which it opens nothing: 2027-01-01.")
]
Addresses = Annotated[
    list[str] | None,
    typer.Option(
        "--nats",
        envvar="FOURGOOD_NATS",
        help="Where the district reaches NATS: tls://host:port, once for each server; nats:// without TLS.",
    ),
]
AuthorityFile = Annotated[
    Path | None,
    typer.Option(
        "--authority",
        envvar="FOURGOOD_AUTHORITY",
        help="The certificate (PEM) of the site's own authority, if no public one vouches for NATS.",
        show_default=False,
    ),
]
Out = Annotated[
    Path | None, typer.Option(help="The file to hand over; without it CODE_NUMBER.json.", show_default=False)
]


@district.command(epilog="Example: fourgood district add THAN-UYEN --expires 2027-01-01")
def add(
    code: Code,
    expires: Expires = "",
    nats: Addresses = None,
    authority: AuthorityFile = None,
    out: Out = None,
    data: Data = DATA,
) -> None:
    """Let a district in: write the file that its system needs, for the district and nobody else."""
    _hand_over(Place(data), code, "", {"expires_on": expires or None}, nats, authority, out)


@district.command(epilog="Example: fourgood district rotate THAN-UYEN --overlap 72")
def rotate(
    code: Code,
    overlap: Annotated[int, typer.Option(min=0, help="Hours for which the one before opens still.")] = 24,
    expires: Expires = "",
    nats: Addresses = None,
    authority: AuthorityFile = None,
    out: Out = None,
    data: Data = DATA,
) -> None:
    """Give a district a new file; the one before opens for a while still, so nothing is lost."""
    body = {"expires_on": expires or None, "overlap_h": overlap}
    _hand_over(Place(data), code, "/rotation", body, nats, authority, out)


@district.command(epilog="Example: fourgood district revoke THAN-UYEN --number 1")
def revoke(
    code: Code,
    number: Annotated[int | None, typer.Option(min=1, help="Only this one.", show_default="all")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    data: Data = DATA,
) -> None:
    """Turn a district away at once: what it has opens nothing any more, and its line is cut."""
    which = f"credential {number}" if number else "every credential"
    if not yes:
        typer.confirm(f"{code}: end {which} now?", abort=True)
    Place(data).ask("POST", "registry", _path(code, "/revocation"), role="operator", body={"number": number})
    OUT.print(f"{code}: {which} has ended")


@district.command("list", epilog="Example: fourgood district list THAN-UYEN")
def listing(
    code: Annotated[str, typer.Argument(help="One district: also its newest uses.", show_default=False)] = "",
    data: Data = DATA,
) -> None:
    """Show who may come in, until when, and when and from where each credential was used last."""
    place = Place(data)
    found = place.ask("GET", "registry", "credentials", role="operator")["credentials"]
    rows = [_row(one) for one in found if code in ("", one["district"])]
    if not rows:
        OUT.print("nobody has a credential" if not code else f"{code} has no credential")
        return
    OUT.print(table("user", "opens", "issued", "ends", "last used", "from", "with", rows=rows))
    if code:
        uses = place.ask("GET", "registry", _path(code, "/uses"), role="operator")["uses"]
        names = ("number", "outcome", "times", "place", "client")
        rows = [[_moment(use["at"]), *(use[name] for name in names)] for use in uses]
        OUT.print(table("at", "number", "outcome", "times", "from", "with", rows=rows))


def _row(one: dict[str, Any]) -> list[object]:
    used = one["used"] or {"at": None, "place": None, "client": None}
    last = (_moment(used["at"]), used["place"], used["client"])
    opens = "yes" if one["opens"] else "no"
    return [one["user"], opens, _moment(one["issued_at"]), _moment(one["ends_at"]), *last]


def _moment(said: str | None) -> str | None:
    """Return an instant as the province's clocks show it."""
    if said is None:
        return None
    return datetime.fromisoformat(said).astimezone(PROVINCE_TIME).strftime("%Y-%m-%d %H:%M")


def _hand_over(
    place: Place,
    code: str,
    path: str,
    body: dict[str, Any],
    nats: list[str] | None,
    authority: Path | None,
    out: Path | None,
) -> None:
    """Have a credential issued, and write its file for the owner's eyes only. Raises Failure."""
    if out and out.exists():
        raise Failure(f"{out} exists: name another file with --out")
    if body["expires_on"]:
        try:
            date.fromisoformat(body["expires_on"])
        except ValueError:
            raise Failure(f"{body['expires_on']} is no day: say it like 2027-01-01") from None
    where = nats or [f"nats://{LOOPBACK}:{place.running()['ports']['nats']}"]
    vouching = _certificates(authority) if authority else None
    if vouching and not all(address.startswith("tls://") for address in where):
        raise Failure("an authority vouches for tls:// addresses only: give them with --nats")
    handed = place.ask("POST", "registry", _path(code, path), role="operator", body=body)
    file = Credentials(nats=where, authority=vouching, **handed)
    path_out = out or Path(f"{file.user}.json")
    write_private(path_out, file.model_dump_json(indent=2) + "\n")
    ends = f", until {file.expires}" if file.expires else ""
    OUT.print(f"{path_out}: for {code} and nobody else{ends}; it reaches NATS at {', '.join(where)}")


def _certificates(file: Path) -> str:
    """Return the certificates in a file, and nothing else that may be there: a key stays. Raises Failure."""
    try:
        found = load_pem_x509_certificates(file.read_bytes())
    except OSError as error:
        raise Failure(f"cannot read {file}: {error.strerror}") from None
    except ValueError:
        raise Failure(f"{file} holds no certificate in PEM") from None
    return "".join(one.public_bytes(Encoding.PEM).decode() for one in found)


def _path(code: str, more: str) -> str:
    return f"districts/{code}/credentials{more}"
