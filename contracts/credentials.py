"""The file a district is handed: where NATS is, who the district is there, and with what it signs."""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from contracts.message import Code


class Credentials(BaseModel):
    """All that a district's system needs to connect. Secret: whoever has it speaks as the district."""

    model_config = ConfigDict(frozen=True)

    district: Code
    nats: list[str] = Field(description="the servers, nats://host:port, any of which will do")
    user: str
    password: str = Field(repr=False)
    inbox_prefix: str = Field(description="of reply subjects; the district may read no other")
    signing_key: str = Field(repr=False, description="closes months; its number is `key`")
    key: int = Field(ge=1, description="the number of this credential")
    expires: date | None = Field(
        default=None, description="the first day, in the province, on which it opens nothing; null is never"
    )
