"""A part of a whole in percent, rounded in one way wherever reporting shows it."""

from decimal import ROUND_HALF_UP, Decimal


def percent_of(part: int, whole: int) -> Decimal | None:
    """Return `part` of `whole` in percent, two decimals, half up: 2,070 of 1,980 are 104.55.

    None where there is no whole.
    """
    if whole <= 0:
        return None
    return (Decimal(100 * part) / whole).quantize(Decimal("0.01"), ROUND_HALF_UP)
