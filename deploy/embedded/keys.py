"""The secrets of one data folder, made at the first start and readable by its owner only."""

import base64
import json
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contracts.nkeys import account_key, issuer_seed

ISSUER = "fourgood"
AUDIENCE = "fourgood"
EVERYWHERE = "*"
ROLES = ("officer", "auditor", "operator", "secretary")


class Keys:
    """The signing key of tokens, the registry's master key, and a password for each user of each server."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.signing_pem = self._kept("signing.pem", _new_signing_key)
        self.public_pem = _public_part(self.signing_pem)
        self.master_key = self._kept("master.key", lambda: base64.b64encode(secrets.token_bytes(32)).decode())

    @property
    def nats_issuer(self) -> str:
        """Return the public key whose word NATS takes on who a district is: the registry's, by MASTER_KEY."""
        key = Ed25519PrivateKey.from_private_bytes(issuer_seed(base64.b64decode(self.master_key)))
        return account_key(key.public_key().public_bytes_raw())

    def password(self, server: str, user: str) -> str:
        """Return the password of `user` on `server`, made when first asked for."""
        # It begins with a letter: NATS reads a password of digits as a number.
        return self._kept(f"{server}-{user}.password", lambda: "p" + secrets.token_hex(20))

    def token(
        self,
        role: str = "",
        *,
        subtree: str = EVERYWHERE,
        days: float = 30,
        subject: str = "",
        member: str = "",
    ) -> str:
        """Return a bearer token for `role` over `subtree`, `member`'s own, or both, as from now."""
        issued_at = datetime.now(UTC)
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": subject or f"sample-{role or 'member'}",
            "roles": [role] if role else [],
            "subtree": subtree if role else "",
            "iat": issued_at,
            "exp": issued_at + timedelta(days=days),
        }
        if member:
            claims["member"] = member
        return jwt.encode(claims, self.signing_pem, algorithm="EdDSA")

    def write_sample_tokens(self, subtrees: Mapping[str, str]) -> Path:
        """Renew and return the file of one token for each sample role, for one-click sign-in."""
        tokens = {role: self.token(role, subtree=subtrees.get(role, EVERYWHERE)) for role in ROLES}
        path = self.folder / "tokens.json"
        write_private(path, json.dumps(tokens, indent=2))
        return path

    def _kept(self, name: str, new: Callable[[], str]) -> str:
        path = self.folder / name
        if not path.exists():
            write_private(path, new())
        return path.read_text()


def write_private(path: Path, text: str) -> None:
    """Write `text` for the owner only, whole or not at all."""
    begun = path.with_name(path.name + ".begun")
    begun.unlink(missing_ok=True)
    begun.touch(mode=0o600)
    begun.write_text(text)
    begun.replace(path)


def _new_signing_key() -> str:
    return (
        Ed25519PrivateKey.generate()
        .private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        .decode()
    )


def _public_part(signing_pem: str) -> str:
    key = serialization.load_pem_private_key(signing_pem.encode(), password=None)
    return (
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )
