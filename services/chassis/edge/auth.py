"""Who calls, by their token: a JWT signed with Ed25519 (EdDSA). What they may do is said in `rights`."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, get_args

import jwt
from fastapi import Request
from fastapi.security import HTTPBearer
from pydantic import ConfigDict, TypeAdapter, ValidationError

from contracts.message import Code
from services.chassis.bounds import Bound
from services.chassis.clock import Clock, utc_now
from services.chassis.errors import Forbidden, Unauthenticated

AUDIENCE = "fourgood"
A_CODE = TypeAdapter(Code, config=ConfigDict(strict=True))
EVERYWHERE = "*"

TOKENS_MAX = 4_096
"""Tokens whose signature is not checked again: a province's officers and secretaries at work."""

TOKENS = """A JWT (EdDSA) with `iss`, `aud`, `exp`, `sub`, and what its bearer may do where: `roles` and
`subtree` (a code, or `*`). With `member`, the bearer's own code, they also have the rights of the offices
that member holds today; `roles` and `subtree` may then be left out."""
"""What the OpenAPI of every service says of tokens."""

Role = Literal["officer", "auditor", "operator", "secretary"]
"""Officers run a subtree, auditors read it, secretaries keep one cell, operators run the machines."""


@dataclass(frozen=True)
class Caller:
    """Who is calling: a subject, their roles, and the organization whose subtree they may see or change.

    `member` is the person's own code, where the token says it: they have the rights of their offices besides.
    """

    subject: str
    roles: frozenset[str]
    subtree: str
    member: str | None = None

    def require(self, *roles: Role) -> None:
        """Raise Forbidden unless the token has one of `roles`, wherever: if it suffices, `Rights` says."""
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
        return Caller(claims["sub"], frozenset(claims["roles"]), claims["subtree"], claims.get("member"))

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
                options={"require": ["exp", "sub"], "verify_exp": False},
            )
        except jwt.InvalidTokenError as error:
            raise Unauthenticated(f"the token is not ours: {error}") from error
        if "member" in claims:
            try:
                A_CODE.validate_python(claims["member"])
            except ValidationError as error:
                raise Unauthenticated("the token's member is no code") from error
            claims = {"roles": [], "subtree": ""} | claims
        roles, subtree = claims.get("roles"), claims.get("subtree")
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
        super().__init__(scheme_name="HTTPBearer", bearerFormat="JWT", description=TOKENS)
        self.auth = auth

    async def __call__(self, request: Request) -> Caller:  # type: ignore[override]
        """Return the caller of a request. Raises Unauthenticated."""
        return self.auth.asker(request)
