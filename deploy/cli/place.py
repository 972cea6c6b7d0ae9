"""Where the running system is, and how to ask it: the data folder's run.json, or the environment."""

import json
import os
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from deploy.cli.failure import Failure
from deploy.embedded.keys import ROLES

Data = Annotated[
    Path, typer.Option(envvar="FOURGOOD_DATA", help="The data folder of `fourgood up`.", show_default=True)
]
DATA = Path(".data")
REQUEST_WITHIN_S = 30.0


class Place:
    """One running system. FOURGOOD_URL_<SERVICE> and FOURGOOD_TOKEN go before what the data folder says."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self._client = httpx.Client(timeout=REQUEST_WITHIN_S)

    def address(self, service: str) -> str:
        """Return where `service` answers. Raises Failure."""
        given = os.environ.get(f"FOURGOOD_URL_{service.upper()}")
        return (given or str(self.running()["services"][service])).rstrip("/")

    def running(self) -> dict[str, Any]:
        """Return what run.json says. Raises Failure."""
        try:
            where: dict[str, Any] = json.loads((self.data / "run.json").read_text())
        except (OSError, ValueError):
            raise Failure(
                f"nothing has run on {self.data.absolute()}: start `fourgood up`, or give its --data"
            ) from None
        return where

    def token(self, role: str) -> str:
        """Return a token for `role`. Raises Failure."""
        assert role in ROLES
        if given := os.environ.get("FOURGOOD_TOKEN"):
            return given
        try:
            tokens: dict[str, str] = json.loads((self.data / "keys" / "tokens.json").read_text())
        except (OSError, ValueError):
            raise Failure(f"no token: set FOURGOOD_TOKEN, or start `fourgood up` on {self.data}") from None
        return tokens[role]

    def ask(
        self,
        method: str,
        service: str,
        path: str,
        *,
        role: str,
        content: bytes | None = None,
        body: Any = None,
        **query: Any,
    ) -> Any:
        """Return the JSON answer of `/<service>/v1/<path>`; `content` is a file to send, `body` a command.

        Raises Failure with the problem's own words.
        """
        url = f"{self.address(service)}/{service}/v1/{path}"
        params = {name: str(value) for name, value in query.items() if value is not None}
        try:
            answer = self._client.request(
                method,
                url,
                params=params,
                content=content,
                json=body,
                headers={"Authorization": f"Bearer {self.token(role)}"},
            )
        except httpx.HTTPError as error:
            raise Failure(
                f"{service} does not answer at {self.address(service)} ({type(error).__name__}): "
                f"is `fourgood up` running? its log is {self.data / 'logs' / service}.log"
            ) from None
        if answer.is_success:
            return answer.json() if answer.content else None
        raise Failure(f"{service}: {_problem(answer)}")


def _problem(answer: httpx.Response) -> str:
    """Return what an RFC 9457 problem says: its name, title and detail."""
    try:
        said = answer.json()
        name = str(said.get("type", "")).rpartition(":")[2]
        return (
            f"{name or answer.status_code}: {said.get('detail') or said.get('title') or answer.reason_phrase}"
        )
    except (ValueError, AttributeError):
        return f"{answer.status_code} {answer.reason_phrase}"
