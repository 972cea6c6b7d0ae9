"""A part of a whole in percent, and how many a share asks for, rounded in one way everywhere."""

from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal


def percent_of(part: int, whole: int) -> Decimal | None:
    """Return `part` of `whole` in percent, two decimals, half up: 2,070 of 1,980 are 104.55.

    None where there is no whole.
    """
    if whole <= 0:
        return None
    return (Decimal(100 * part) / whole).quantize(Decimal("0.01"), ROUND_HALF_UP)


def needed_of(percent: Decimal, whole: int) -> int:
    """Return how many of `whole` are at least `percent` of them: 75 % of 698 are 523.5, so 524 [S003]."""
    return int((percent * whole / 100).to_integral_value(ROUND_CEILING))
