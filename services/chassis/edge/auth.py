"""Who calls, and over which part of the tree. Tokens are JWTs signed with Ed25519 (EdDSA)."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, get_args

import jwt
from fastapi import Request
from fastapi.security import HTTPBearer

from services.chassis.bounds import Bound
from services.chassis.clock import Clock, utc_now
from services.chassis.errors import Forbidden, Refused, Unauthenticated, UnknownOrganization
from services.chassis.views.tree import Tree

AUDIENCE = "fourgood"
EVERYWHERE = "*"

TOKENS_MAX = 4_096
"""Tokens whose signature is not checked again: a province's officers and secretaries at work."""

Role = Literal["officer", "auditor", "operator", "secretary"]
"""Officers run a subtree, auditors read it, secretaries keep one cell, operators run the machines."""


class NotYours(Refused):
    """A district may speak only of the organization it is named for and of those beneath it."""


@dataclass(frozen=True)
class Caller:
    """Who is calling: a subject, their roles, and the organization whose subtree they may see or change."""

    subject: str
    roles: frozenset[str]
    subtree: str

    def require(self, *roles: Role) -> None:
        """Raise Forbidden unless the caller has one of `roles`."""
        if self.roles.isdisjoint(roles):
            raise Forbidden(
                f"this needs the role {' or '.join(roles)}; you have {', '.join(sorted(self.roles))}"
            )


class Auth:
    """Checks tokens against one public key and issuer."""

    def __init__(self, public_key: str, issuer: str, clock: Clock = utc_now) -> None:
        self._clock = clock
        self._key = public_key
        self._issuer = issuer
        self._claims = lru_cache(maxsize=TOKENS_MAX)(self._decode)
        self.bound = Bound("tokens remembered", TOKENS_MAX, lambda: self._claims.cache_info().currsize)
        self.caller = CallerOf(self)

    def verify(self, token: str) -> Caller:
        """Return who `token` speaks for. Raises Unauthenticated: expired, foreign, malformed."""
        claims = self._claims(token)
        if claims["exp"] <= self._clock().timestamp():
            raise Unauthenticated("the token has expired")
        return Caller(claims["sub"], frozenset(claims["roles"]), claims["subtree"])

    def asker(self, request: Request) -> Caller:
        """Return the caller of a request. Raises Unauthenticated."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthenticated("send a token: Authorization: Bearer <token>")
        return self.verify(token.strip())

    def _decode(self, token: str) -> dict[str, Any]:
        """Return the claims of a token of ours. `verify` checks its expiry, since this is remembered."""
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self._key,
                algorithms=["EdDSA"],
                audience=AUDIENCE,
                issuer=self._issuer,
                options={"require": ["exp", "sub", "roles", "subtree"], "verify_exp": False},
            )
        except jwt.InvalidTokenError as error:
            raise Unauthenticated(f"the token is not ours: {error}") from error
        roles, subtree = claims["roles"], claims["subtree"]
        if not isinstance(claims["exp"], int | float):
            raise Unauthenticated("the token does not say when it ends")
        if not isinstance(roles, list) or not isinstance(subtree, str):
            raise Unauthenticated("the token names no role or subtree")
        if not all(role in get_args(Role) for role in roles):
            raise Unauthenticated("the token names a role we do not know")
        return claims


class CallerOf(HTTPBearer):
    """The FastAPI dependency that says who calls: the security scheme itself, for each layer costs 25 µs."""

    def __init__(self, auth: Auth) -> None:
        super().__init__(scheme_name="HTTPBearer")
        self.auth = auth

    async def __call__(self, request: Request) -> Caller:  # type: ignore[override]
        """Return the caller of a request. Raises Unauthenticated."""
        return self.auth.asker(request)


class Rights:
    """Where a caller or a district may act, by the organization tree."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree

    async def check(self, caller: Caller, organization: str) -> None:
        """Raise Forbidden unless `organization` lies in the caller's subtree."""
        if caller.subtree in (EVERYWHERE, organization):
            return
        if not await self.tree.within(organization, caller.subtree):
            raise Forbidden(f"{organization} is not beneath {caller.subtree}")

    async def check_district(self, district: str, organization: str) -> None:
        """Raise NotYours unless `organization` lies beneath `district`, UnknownOrganization if it is new."""
        if organization == district:
            return
        node = await self.tree.find(organization)
        if node is None:
            raise UnknownOrganization(f"no organization {organization} is known here")
        if district not in node.path:
            raise NotYours(f"{organization} is not beneath {district}")
