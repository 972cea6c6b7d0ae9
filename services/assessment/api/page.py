"""Lists over HTTP that go on by code: what they take, and what they answer."""

from typing import Annotated, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel

from contracts.message import Code

ROWS_MAX = 1_000
"""Items in one answer."""

Beyond = Annotated[Code | None, Query(description="`next` of the answer before")]
Limit = Annotated[int, Query(ge=1, le=ROWS_MAX)]
T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    """Items by code; `next` is where the rest begins."""

    items: list[T]
    next: Code | None
