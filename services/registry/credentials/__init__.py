"""How districts come in: NATS asks about them, each use is kept, and who no longer may is cut off."""

from services.registry.credentials.callout import CUT_EVERY_S, Callout
from services.registry.credentials.claims import Knock, Signer
from services.registry.credentials.uses import Use, Uses

__all__ = ["CUT_EVERY_S", "Callout", "Knock", "Signer", "Use", "Uses"]
