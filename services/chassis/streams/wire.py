"""The bytes between a service and NATS, as nats-py should carry them on uvloop."""

from typing import Any

from nats.aio import client
from nats.aio.transport import TcpTransport
from nats.errors import Error as NatsError


class Broken(ConnectionResetError, NatsError):
    """The connection has just broken; nats-py is about to notice."""


class Wire(TcpTransport):
    """On uvloop a write to what has just broken raises RuntimeError, which is nobody's to expect.

    nats-py's flusher died of it in silence, and whoever published in that moment ended the process.
    """

    def write(self, payload: Any) -> None:
        """Write, or raise Broken."""
        try:
            super().write(payload)  # type: ignore[no-untyped-call]
        except RuntimeError as error:
            raise Broken(str(error)) from error

    def writelines(self, payload: Any) -> None:
        """Write, or raise Broken."""
        try:
            super().writelines(payload)  # type: ignore[no-untyped-call]
        except RuntimeError as error:
            raise Broken(str(error)) from error


def use() -> None:
    """Let nats-py's connections of this process be made so: it offers no other way."""
    client.TcpTransport = Wire  # type: ignore[attr-defined]
