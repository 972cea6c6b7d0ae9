"""What members ask about their own data, as far as everyone has to know it to keep to it; by code only."""

from contracts.message import Code, DayOn, Event


class MemberRestricted(Event):
    """Who a member is may not be used from `restricted_on` on, as they asked (Law 91/2025/QH15).

    Their code is neither listed nor written about until it is lifted; what is stored stays, and counts.
    """

    type = "registry.MemberRestricted.v1"
    occurred_in = "restricted_on"

    member: Code
    restricted_on: DayOn


class RestrictionLifted(Event):
    """A member's data may be used again from `lifted_on` on."""

    type = "registry.RestrictionLifted.v1"
    occurred_in = "lifted_on"

    member: Code
    lifted_on: DayOn
