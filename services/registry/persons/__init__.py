"""Who a member code stands for: what is known of the person, sealed; and who looked at it, and why.

`seal` keeps persons under keys of their own, `access` who was shown one, `requests` finds what they ask,
`named` what else the log says of them.
"""

from services.registry.persons.access import PAGE_MAX, Access, Accesses, Act, Purpose
from services.registry.persons.person import ERASED, RESTRICTED, Person
from services.registry.persons.requests import OpenRequests
from services.registry.persons.seal import KEY_BYTES, Persons, SealBroken, Sealed

__all__ = [
    "ERASED",
    "KEY_BYTES",
    "PAGE_MAX",
    "RESTRICTED",
    "Access",
    "Accesses",
    "Act",
    "OpenRequests",
    "Person",
    "Persons",
    "Purpose",
    "SealBroken",
    "Sealed",
]
