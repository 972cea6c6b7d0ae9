"""How NATS writes keys, and the one by which the registry speaks for districts at its door.

A NATS server names the account key whose word it takes on who a district is (`auth_callout.issuer`); the
registry signs with the other half. Both follow from MASTER_KEY, so there is no secret more to keep.
"""

import hmac
from base64 import b32encode
from binascii import crc_hqx
from hashlib import sha256

ACCOUNT = 0
"""What a public account key begins with: an `A`, in NATS's base 32."""


def issuer_seed(master_key: bytes) -> bytes:
    """Return the 32 bytes of the Ed25519 key with which the registry signs for NATS."""
    return hmac.new(master_key, b"nats issuer", sha256).digest()


def account_key(public: bytes) -> str:
    """Return a raw public key as NATS writes that of an account: a prefix, the key and a CRC-16 of both."""
    key = bytes([ACCOUNT]) + public
    return b32encode(key + crc_hqx(key, 0).to_bytes(2, "little")).decode().rstrip("=")
