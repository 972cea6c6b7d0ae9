"""Composition root: settings in, the registry out."""

from base64 import b64decode
from typing import ClassVar

from pydantic import Field, SecretStr, field_validator

from services.chassis.clock import Clock, utc_now
from services.chassis.districts.deciding import Decided
from services.chassis.districts.preview import Preview
from services.chassis.edge import received
from services.chassis.edge.rights import Rights
from services.chassis.eventlog.store import Store
from services.chassis.regularly import regularly
from services.chassis.service import Service
from services.chassis.settings import Settings
from services.chassis.views.officials import Officials
from services.chassis.views.tree import Tree
from services.registry.api import credential, importing, official, routes
from services.registry.application import Registry, admission_ages
from services.registry.application.credential import DistrictCredentials, Secrets
from services.registry.credentials import CUT_EVERY_S, Callout, Signer, Uses
from services.registry.importing.imports import Imports
from services.registry.persons import KEY_BYTES, Persons
from services.registry.publication import publish
from services.registry.reactions import BEGINS, OnLeft, check, handlers

DEADLINES_EVERY_S = 600.0
"""How often it looks what is near or missed: what is noted is noted once."""


class RegistrySettings(Settings):
    """The registry's settings: those of every service, and the key above all others."""

    service: ClassVar[str] = "registry"
    port_default: ClassVar[int] = 8101

    master_key: SecretStr = Field(
        description="base64 of 32 secret bytes; without it nobody's name can be read again"
    )

    @field_validator("master_key")
    @classmethod
    def _is_a_key(cls, value: SecretStr) -> SecretStr:
        """Refuse, without repeating it, what is no key."""
        try:
            length = len(b64decode(value.get_secret_value(), validate=True))
        except ValueError:
            raise ValueError("is not base64") from None
        if length != KEY_BYTES:
            raise ValueError(f"holds {length} bytes, not {KEY_BYTES}")
        return value


def create(settings: RegistrySettings, *, clock: Clock = utc_now) -> Service:
    """Return the registry, ready to run."""
    service = Service(
        settings,
        "Who exists: organizations and their tree, members and their standing, officials, targets.",
        clock=clock,
    )
    master_key = b64decode(settings.master_key.get_secret_value())
    persons, secrets = Persons(service.pool, master_key), Secrets(master_key)
    store = service.keeps_log()
    keeping = persons, admission_ages(), secrets
    registry = Registry.on(store, *keeping)

    def deciding(log: Store) -> Decided:
        by = Registry.on(log, *keeping)
        return handlers(by), check(by)

    tree = Tree(service.pool)
    officials = Officials(service.pool)
    rights = Rights(tree, officials, clock)
    imports = Imports(registry, store, rights)
    districts = DistrictCredentials(store, secrets)
    callout = Callout(districts, Uses(service.pool), Signer(master_key), service.broker)

    service.bounds += [tree.known.bound, officials.known.bound, *imports.bounds]
    service.prepares(persons.prepare)
    service.prepares(registry.shortages.roll.prepare)
    service.prepares(registry.deadlines.prepare)
    service.prepares(imports.runs.prepare)
    service.prepares(districts.prepare)
    service.prepares(callout.uses.prepare)
    service.publishes(publish)
    service.follows(tree, "registry")
    service.follows(officials, "registry")
    service.follows(OnLeft(service.pool, registry.shortages), "registry")
    intake = service.takes(handlers(registry), check=check(registry), begins=BEGINS)
    preview = Preview(store, deciding, service.broker)
    service.bounds += preview.turns.bounds
    service.keeps_running(preview.run)
    service.answers(routes(registry, rights, service.auth))
    service.answers(received.routes(intake, rights, service.auth))
    service.answers(official.questions(officials, registry, rights, service.auth))
    service.answers(importing.routes(imports, service.auth))
    service.answers(credential.routes(callout, rights, service.auth))
    service.takes_files(importing.PATH, importing.FILE_MAX)
    service.keeps_running(imports.work)
    service.keeps_running(callout.run)
    service.keeps_running(regularly("credentials", CUT_EVERY_S, callout.cut_off))
    service.keeps_running(regularly("deadlines", DEADLINES_EVERY_S, registry.deadlines.sweep))
    return service


def main() -> None:
    """Run the registry until it is told to stop."""
    create(RegistrySettings.load()).run()
