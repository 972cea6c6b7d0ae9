"""The Docker engine, if one answers, and the image of each service, built from deploy/Dockerfile."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import docker
from docker.errors import DockerException, ImageNotFound
from testcontainers.core.config import testcontainers_config
from testcontainers.core.image import DockerImage

ROOT = Path(__file__).parents[2]
SERVICES = ("registry", "assessment", "classification", "notification", "reporting")
NO_ENGINE = "skipped: no Docker engine answers"

# Its reaper is one more image to pull. What is started here is stopped by the fixture that started it.
testcontainers_config.ryuk_disabled = True

MADE_HERE = {
    "PYTHON_IMAGE": "fourgood/python:bookworm",
    "NATS_IMAGE": "fourgood/nats:wheel",
    "POSTGRES_IMAGE": "fourgood/postgres:wheel",
}
"""What deploy/images/make.sh makes where no image registry answers."""


def engine_answers() -> bool:
    """Return whether a Docker engine can be asked anything at all."""
    try:
        with connected() as client:
            return bool(client.ping())
    except DockerException:
        return False


@contextmanager
def connected() -> Iterator[docker.DockerClient]:
    """Yield a client of the engine that the environment names."""
    client = docker.from_env()
    try:
        yield client
    finally:
        client.close()


def base_images() -> dict[str, str]:
    """Return the base images: the choice of the environment, else those made here, else the public ones."""
    return {
        name: os.environ.get(name) or _present(MADE_HERE[name]) or public_images()[name] for name in MADE_HERE
    }


def public_images() -> dict[str, str]:
    """Return the base images that compose.yaml names where a site says nothing."""
    compose = (ROOT / "deploy/compose.yaml").read_text()
    return dict(re.findall(r"\$\{(\w+_IMAGE):-([^}]+)\}", compose))


@cache
def build(service: str) -> str:
    """Build the image of `service` as it is in this checkout, once for the whole run; return its tag."""
    fetch_wheels()
    tag = f"fourgood/{service}:test"
    arguments = {"SERVICE": service, "PYTHON_IMAGE": base_images()["PYTHON_IMAGE"], "PIP_NO_INDEX": "1"}
    DockerImage(
        path=ROOT, tag=tag, dockerfile_path="deploy/Dockerfile", clean_up=False, buildargs=arguments, rm=True
    ).build()
    return tag


def fetch_wheels() -> None:
    """Fill deploy/wheels unless as new as the lock: a build cannot count on reaching a package index."""
    lock = (ROOT / "requirements.lock").stat().st_mtime
    wheels = list((ROOT / "deploy/wheels").glob("*.whl"))
    if not wheels or min(wheel.stat().st_mtime for wheel in wheels) < lock:
        subprocess.run([ROOT / "deploy/images/wheels.sh"], check=True)


def _present(image: str) -> str | None:
    with connected() as client:
        try:
            client.images.get(image)
        except ImageNotFound:
            return None
    return image
