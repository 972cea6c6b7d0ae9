"""The registry over HTTP: body -> command -> use case -> receipt; codes -> what is known of them."""

from fastapi import APIRouter

from services.chassis.edge.auth import Auth
from services.chassis.edge.examples import exemplify, story
from services.chassis.edge.http import paths_of
from services.chassis.edge.rights import Rights
from services.registry.api import (
    closing,
    data_request,
    member,
    membership,
    official,
    organization,
    person,
    target,
)
from services.registry.application import Registry


def routes(registry: Registry, rights: Rights, auth: Auth) -> APIRouter:
    """Return the registry's routes: each needs a role, and rights over the organization it is about."""
    router = paths_of("registry")
    for part in (organization, member, membership, person, data_request, official, target, closing):
        part.add_routes(router, registry, rights, auth)
    exemplify(router, story(__file__))
    return router
