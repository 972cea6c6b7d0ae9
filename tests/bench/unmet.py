"""Why a goal is not met, by the name of its figure: the ceiling as measured, and what holds it there.

The README shows a reason for as long as its goal is missed.
"""

UNMET: dict[str, str] = {}
