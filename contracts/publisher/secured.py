"""TLS where the address asks for it, and in words why there is none."""

import ssl

from nats.aio.client import Client
from nats.errors import Error as NatsError


class SecuredClient(Client):
    """Says nothing to a server that offers no TLS where its address says tls://; nats-py would sign in."""

    def _connect_command(self) -> bytes:
        assert self._current_server
        if self._current_server.uri.scheme == "tls" and not self._server_info.get("tls_required"):
            raise NatsError("it has no TLS, and the address is tls://; nothing was sent")
        return super()._connect_command()


def reason(error: Exception) -> str:
    """Return why a connection failed, for people."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not to be trusted: {error.verify_message}; nothing was sent"
    return str(error).removeprefix("nats: ") or type(error).__name__
