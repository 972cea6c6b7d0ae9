"""A service's HTTP edge in a test: its routes behind real tokens, asked without a network."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import time

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fastapi import APIRouter

from services.chassis.edge.auth import Auth
from services.chassis.edge.door import Inside
from services.chassis.edge.http import create_api
from services.chassis.eventlog.inbox import Inbox

KEY = Ed25519PrivateKey.generate()
PUBLIC = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
AUTH = Auth(PUBLIC, "fourgood")


def bearer(role: str, subtree: str = "*") -> dict[str, str]:
    """Return the header of a caller with one role, longer valid than any test takes."""
    claims = {
        "iss": "fourgood",
        "aud": "fourgood",
        "exp": time() + 3600,
        "sub": role,
        "roles": [role],
        "subtree": subtree,
    }
    return {"Authorization": f"Bearer {jwt.encode(claims, KEY, algorithm='EdDSA')}"}


@asynccontextmanager
async def edge_of(
    service: str, routes: APIRouter, inbox: Inbox | None = None, inside: Inside | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client whose paths begin beneath /<service>/v1."""

    async def ready() -> dict[str, str]:
        return {}

    app = create_api(service, "In a test.", ready, inside or Inside(), inbox)
    app.serve(routes)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{service}/{service}/v1") as client:
        yield client
