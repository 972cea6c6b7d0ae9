"""The file a district is handed: where NATS is, who the district is there, and with what it signs."""

import ssl
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from contracts.message import Code


def trusting(authority: str | None) -> ssl.SSLContext:
    """Return what checks a server's certificate and its name: by `authority`, else by those the system knows.

    Raises ssl.SSLError if there is no certificate in `authority`.
    """
    return ssl.create_default_context(cadata=authority)


def _certificates(pem: str) -> str:
    try:
        trusting(pem)
    except ssl.SSLError:
        raise ValueError("no certificate in PEM") from None
    return pem


Authority = Annotated[str, AfterValidator(_certificates)]


class Credentials(BaseModel):
    """All that a district's system needs to connect. Secret: whoever has it speaks as the district."""

    model_config = ConfigDict(frozen=True)

    district: Code
    nats: list[str] = Field(
        description="the servers, any of which will do: tls://host:port, nats://host:port without TLS"
    )
    authority: Authority | None = Field(
        default=None,
        description="certificate (PEM) of who vouches for tls:// servers; null is any that the system knows",
    )
    user: str
    password: str = Field(repr=False)
    inbox_prefix: str = Field(description="of reply subjects; the district may read no other")
    signing_key: str = Field(repr=False, description="closes months; its number is `key`")
    key: int = Field(ge=1, description="the number of this credential")
    expires: date | None = Field(
        default=None, description="the first day, in the province, on which it opens nothing; null is never"
    )
