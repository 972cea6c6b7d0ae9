"""The examples in a service's OpenAPI: a story kept as data, each step accepted after those before it."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from fastapi import APIRouter
from fastapi.routing import APIRoute


class Step(NamedTuple):
    """A command as it is asked, beneath /<service>/v1."""

    title: str
    method: str
    path: str
    body: Any


def story(module: str) -> Sequence[Step]:
    """Return the steps `["title", "POST", "/path", body]` of the story in `examples.json` beside a module."""
    told = Path(module).with_name("examples.json").read_text(encoding="utf-8")
    return [Step(*step) for step in json.loads(told)["story"]]


def exemplify(router: APIRouter, steps: Sequence[Step]) -> None:
    """Make each step an example of the route that answers it. Raises LookupError for one that none does."""
    for step in steps:
        examples = _examples(router, step.method, router.prefix + urlsplit(step.path).path)
        examples[step.title] = {"value": step.body}


def _examples(router: APIRouter, method: str, path: str) -> dict[str, Any]:
    """Return where a route keeps its examples, by their titles."""
    for route in router.routes:
        if isinstance(route, APIRoute) and method in (route.methods or ()) and route.path_regex.match(path):
            body: dict[str, Any] = {"content": {"application/json": {"examples": {}}}}
            route.openapi_extra = route.openapi_extra or {"requestBody": body}
            content = route.openapi_extra["requestBody"]["content"]
            examples: dict[str, Any] = content["application/json"]["examples"]
            return examples
    raise LookupError(f"no route for {method} {path}")
