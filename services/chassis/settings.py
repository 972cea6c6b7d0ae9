"""What a process is told by its environment, and how it refuses when that is wrong."""

import os
import sys
from difflib import get_close_matches
from typing import Any, ClassVar, Literal, NoReturn, Self

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from contracts.credentials import Authority


class Settings(BaseSettings):
    """The settings of every service; a service with more of its own extends this.

    Only the environment is read. Nothing has a default that would be a secret.
    """

    model_config = SettingsConfigDict(extra="ignore", frozen=True, env_ignore_empty=True)

    service: ClassVar[str]
    port_default: ClassVar[int]

    database_url: SecretStr = Field(
        description="postgresql://user:password@host:port/database of this service"
    )
    nats_url: SecretStr = Field(
        description="nats://user:password@host:port, all of a cluster's; the user is the service's name"
    )
    nats_authority: Authority | None = Field(
        default=None,
        description="certificate (PEM) of who vouches for NATS, if the system does not know them",
    )
    nats_replicas: int = Field(
        default=1, ge=1, le=5, description="how many NATS servers keep each stream: 3 in a cluster of three"
    )
    auth_public_key: str = Field(description="PEM of the Ed25519 key that signs the callers' tokens")
    auth_issuer: str = Field(default="fourgood", description="the `iss` a token must carry")
    host: str = Field(default="127.0.0.1", description="the address to listen on")
    port: int = Field(
        default=0, ge=0, le=65535, description="the port to listen on; 0 is the service's own default"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="how much to say"
    )

    @classmethod
    def load(cls, **given: Any) -> Self:
        """Return the settings, or say in one line what is missing or misspelt and exit with 2.

        `given` goes before the environment.
        """
        known = [name.upper() for name in cls.model_fields]
        for name in os.environ:
            if name not in known and (close := get_close_matches(name, known, n=1, cutoff=0.85)):
                _refuse(f"{cls.service}: unknown setting {name}; did you mean {close[0]}?")
        try:
            return cls(**given)
        except ValidationError as error:
            problems = "; ".join(f"{str(e['loc'][0]).upper()}: {e['msg'].lower()}" for e in error.errors())
            _refuse(f"{cls.service}: cannot start: {problems}")

    @property
    def listening_port(self) -> int:
        """Return the port to listen on."""
        return self.port or self.port_default


def _refuse(line: str) -> NoReturn:
    print(line, file=sys.stderr)
    raise SystemExit(2)
