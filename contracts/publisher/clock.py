"""The district's own clock. Nothing is decided by it: it may be a day off."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)
