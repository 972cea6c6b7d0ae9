"""Imports over HTTP: a file goes in, and how it gets on is asked for."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError

from services.chassis.edge.after import Reading
from services.chassis.edge.auth import Auth, Caller
from services.chassis.edge.http import paths_of
from services.registry.importing.imports import Imports
from services.registry.importing.run import Run

PATH = "/imports"

FILE_MAX = 32_000_000
"""Bytes of a file: 150,000 members as CSV, twice over."""

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILE = {"schema": {"type": "string", "format": "binary", "minLength": 1, "maxLength": FILE_MAX}}
CELLS = """organization,name,kind,parent,founded_on,sector
BIEU-NGHI-4,Chi bộ khu Biểu Nghi 4,SUBORDINATE_CELL,DONG-MAI,2025-09-02,RESIDENTIAL
"""
TYPES = {"text/csv": FILE | {"example": CELLS}, XLSX: FILE}
BODY = {"requestBody": {"required": True, "content": TYPES}}


def routes(imports: Imports, auth: Auth) -> APIRouter:
    """Return the routes of imports."""
    router, rights = paths_of("registry", "imports"), imports.rights
    caller = Annotated[Caller, Depends(auth.caller)]

    @router.post(PATH, status_code=202, openapi_extra=BODY)
    async def begin(
        file: Request,
        by: caller,
        after: Reading,
        response: Response,
        validate_only: Annotated[
            bool, Query(description="judge the file and record nothing, even if nothing is wrong with it")
        ] = False,
    ) -> Run:
        """Import a CSV or XLSX file of organizations or of members.

        It is judged as a whole. If one row is refused, nothing is recorded, and each problem is told with
        its row, column, rule and source. The same file again records nothing. How it begins tells which
        of the two it is; a body without bytes, or said to be of another type, is refused at once.
        """
        await rights.require(by, "officer", after=after)
        run = await imports.begin(await _bytes_of(file), by, validate_only=validate_only)
        response.headers["Location"] = f"{file.url.path}/{run.id}"
        return run

    @router.get(PATH + "/{id}")
    async def find(id: Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")], by: caller) -> Run:
        """Tell how an import gets on, or how it ended. The last thousand are remembered."""
        await rights.require(by, "officer")
        return await imports.find(id, by)

    return router


async def _bytes_of(file: Request) -> bytes:
    """Return what was sent. Raises RequestValidationError if that is nothing, or said to be no such file."""
    said = file.headers.get("content-type", "").partition(";")[0].strip().lower()
    if said and said not in TYPES:
        raise _unfit(("header", "content-type"), f"an import is one of: {', '.join(TYPES)}", said)
    if body := await file.body():
        return body
    raise _unfit(("body",), "an import is a file, and this is empty", "")


def _unfit(where: tuple[str, ...], why: str, sent: str) -> RequestValidationError:
    return RequestValidationError([{"loc": where, "msg": why, "type": "file", "input": sent}])
