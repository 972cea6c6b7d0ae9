"""What NATS asks at its door and is told, as the signed claims it reads (JWT, `ed25519-nkey`, version 2).

https://docs.nats.io/running-a-nats-service/configuration/securing_nats/auth_callout has the forms.
"""

import json
from base64 import b32encode, urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contracts.nkeys import account_key, issuer_seed
from contracts.subjects import allowed_to

ACCOUNT = "OFFICES"
"""The account of bus.conf in which districts with a credential are."""

WORDS_MAX = 64
"""Characters kept of what a client says of itself."""


@dataclass(frozen=True)
class Knock:
    """Somebody at the door: as whom, with which password, from where; and where the answer belongs."""

    user: str
    password: str
    place: str
    client: str
    server: str
    cid: int
    user_key: str
    asked_until: float

    @classmethod
    def read(cls, token: bytes) -> "Knock":
        """Return what the server asks. It alone may publish where this is heard. Raises ValueError."""
        try:
            claims: dict[str, Any] = json.loads(_decoded(token.split(b".")[1]))
            asked, client = claims["nats"], claims["nats"]["client_info"]
            said = asked["connect_opts"]
            kind = client.get("kind", "")
            what = (said.get("name"), said.get("lang"), said.get("version"))
            return cls(
                user=said.get("user", ""),
                password=said.get("pass", ""),
                place=_word(client.get("host") or client.get("name", "")),
                client=_word(" ".join([kind, *(word for word in what if word)])),
                server=asked["server_id"]["id"],
                cid=int(client["id"]),
                user_key=asked["user_nkey"],
                asked_until=float(claims["exp"]),
            )
        except (KeyError, IndexError, TypeError, AttributeError) as error:
            raise ValueError(f"no request of a NATS server: {type(error).__name__} {error}") from None


class Signer:
    """Answers as the one whom bus.conf believes (`auth_callout.issuer`)."""

    def __init__(self, master_key: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(issuer_seed(master_key))
        self.issuer = account_key(self._key.public_key().public_bytes_raw())

    def let_in(self, knock: Knock, district: str, *, until: datetime | None, at: datetime) -> bytes:
        """Return the answer that lets `knock` in as `district`, cut off by the server at `until`."""
        may = allowed_to(district)
        user = {
            "type": "user",
            "version": 2,
            "pub": {"allow": may["publish"]},
            "sub": {"allow": may["subscribe"]},
            # -1 is no limit but the server's own; 0 would be none at all.
            **dict.fromkeys(("subs", "data", "payload"), -1),
        }
        ends = {"exp": int(until.timestamp())} if until else {}
        token = self._signed(ACCOUNT, knock.user_key, at, user, name=knock.user, **ends)
        return self._answer(knock, at, jwt=token)

    def turn_away(self, knock: Knock, reason: str, *, at: datetime) -> bytes:
        """Return the answer that refuses `knock`: the server logs the reason, the client is told none."""
        return self._answer(knock, at, error=reason)

    def _answer(self, knock: Knock, at: datetime, **said: str) -> bytes:
        body = {"type": "authorization_response", "version": 2, **said}
        return self._signed(knock.server, knock.user_key, at, body).encode()

    def _signed(self, audience: str, subject: str, at: datetime, body: dict[str, Any], **more: Any) -> str:
        issued = int(at.timestamp())
        claims = {"aud": audience, "sub": subject, "iss": self.issuer, "iat": issued, "nats": body, **more}
        digest = sha256(json.dumps(claims, sort_keys=True).encode()).digest()
        claims["jti"] = b32encode(digest).decode().rstrip("=")
        head = {"typ": "JWT", "alg": "ed25519-nkey"}
        signed = ".".join(_encoded(json.dumps(part).encode()) for part in (head, claims))
        return f"{signed}.{_encoded(self._key.sign(signed.encode()))}"


def _word(said: str) -> str:
    """Return what may be kept of what a client says: of one line, and short."""
    return "".join(letter for letter in said if letter.isprintable())[:WORDS_MAX]


def _encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _decoded(text: bytes) -> bytes:
    return urlsafe_b64decode(text + b"=" * (-len(text) % 4))
