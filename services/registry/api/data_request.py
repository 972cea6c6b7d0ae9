"""Requests of data subjects over HTTP, each with its clocks."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from contracts.days import day_of
from contracts.message import Code
from services.chassis.due import Clock
from services.chassis.edge.after import After, Reading
from services.chassis.edge.auth import Auth, Caller
from services.chassis.edge.http import Asked, Asking
from services.chassis.edge.rights import Rights
from services.registry.application import (
    AnswerDataRequest,
    CompleteDataRequest,
    DeclineDataRequest,
    ExtendDataRequest,
    ReceiveDataRequest,
    Registry,
)
from services.registry.domain.data_request import DataRequest

PAGE_MAX = 100
"""Open requests looked at for one answer."""


@dataclass(frozen=True)
class DataRequestShown:
    """A request, its clocks as they stand today, and how it ended."""

    request: str
    member: str
    kind: str
    received_on: date
    answer: Clock
    done: Clock
    declined: bool


@dataclass(frozen=True)
class OpenDataRequests:
    """A page of open requests, oldest first; it may hold few or none. The next begins with `from=<next>`."""

    requests: list[DataRequestShown]
    next: int | None


Named = Annotated[Code, Path()]
Beneath = Annotated[Code, Query(description="requests of members there and beneath")]
From = Annotated[int, Query(alias="from", ge=0, le=2**63 - 1, description="`next` of the page before")]


def add_routes(router: APIRouter, registry: Registry, rights: Rights, auth: Auth) -> None:
    """Add what is asked about requests. All of it is for the officers of the member's subtree."""
    caller = Annotated[Caller, Depends(auth.caller)]
    request = Annotated[Asked, Depends(Asking(auth))]
    requests, tree = registry.data_requests, rights.tree

    async def mine(by: Caller, after: After, member: str) -> None:
        await rights.require(by, "officer")
        organization = (await registry.members.find(member)).organization
        await rights.require(by, "officer", over=[organization], after=after)

    @router.post("/members/{code}/person/requests", status_code=204)
    async def receive(code: Named, command: ReceiveDataRequest, asked: request) -> None:
        """Receive what a person asks about their data. Its clocks begin to run.

        `If-Match` takes the member's ETag.
        """
        await mine(asked.by, asked.after, code)
        # No receipt, here and below: what nobody is told has no position that a view could ever reach.
        await requests.receive(code, command, asked.why)

    @router.get("/data-requests")
    async def open_requests(
        by: caller, organization: Beneath, after: Reading, position: From = 0
    ) -> OpenDataRequests:
        """Show the requests that are neither done nor declined, with their clocks."""
        await rights.require(by, "officer", over=[organization], after=after)
        page = await requests.open_after(position, PAGE_MAX)
        today = _today(registry)
        beneath = [
            _shown(one, today)
            for _, one in page
            if await tree.within((await registry.members.find(one.member)).organization, organization)
        ]
        return OpenDataRequests(beneath, page[-1][0] if len(page) == PAGE_MAX else None)

    @router.get("/data-requests/{code}")
    async def one(code: Named, by: caller, after: Reading, response: Response) -> DataRequestShown:
        """Show a request and its clocks."""
        known = await requests.find(code)
        await mine(by, after, known.member)
        response.headers["ETag"] = f'"{known.version}"'
        return _shown(known, _today(registry))

    @router.post("/data-requests/{code}/answer", status_code=204)
    async def answer(code: Named, command: AnswerDataRequest, asked: request) -> None:
        """Record that the person was told how the request is dealt with."""
        await mine(asked.by, asked.after, (await requests.find(code)).member)
        await requests.answer(code, command, asked.why)

    @router.post("/data-requests/{code}/extension", status_code=204)
    async def extend(code: Named, command: ExtendDataRequest, asked: request) -> None:
        """Take some days longer, where the law lets one."""
        await mine(asked.by, asked.after, (await requests.find(code)).member)
        await requests.extend(code, command, asked.why)

    @router.post("/data-requests/{code}/completion", status_code=204)
    async def complete(code: Named, command: CompleteDataRequest, asked: request) -> None:
        """Record that what was asked is done."""
        await mine(asked.by, asked.after, (await requests.find(code)).member)
        await requests.complete(code, command, asked.why)

    @router.post("/data-requests/{code}/refusal", status_code=204)
    async def decline(code: Named, command: DeclineDataRequest, asked: request) -> None:
        """Decline a request, by the document that says otherwise."""
        await mine(asked.by, asked.after, (await requests.find(code)).member)
        await requests.decline(code, command, asked.why)


def _today(registry: Registry) -> date:
    return day_of(registry.data_requests.store.clock())


def _shown(request: DataRequest, today: date) -> DataRequestShown:
    settled_on = request.completed_on or request.declined_on
    return DataRequestShown(
        request=request.code,
        member=request.member,
        kind=request.kind,
        received_on=date.fromisoformat(request.received_on),
        answer=_clock(today, request.answer_due_on, request.answered_on),
        done=_clock(today, request.done_due_on, settled_on),
        declined=request.declined_on is not None,
    )


def _clock(today: date, due: str, done: str | None) -> Clock:
    done_on = date.fromisoformat(done) if done else None
    return Clock.on(today, due_on=date.fromisoformat(due), done_on=done_on)
