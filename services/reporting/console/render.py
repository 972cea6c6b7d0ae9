"""From a template and its figures to an answer a browser may trust."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from services.chassis.edge import problem
from services.reporting.cell import SelfAssessment
from services.reporting.console import texts
from services.reporting.console.pages import heat_row
from services.reporting.console.reader import reads_members
from services.reporting.console.sentences import sentence
from services.reporting.console.texts import LANGUAGES, Texts
from services.reporting.views import percent_of
from services.reporting.views.classes import LEVELS

HERE = Path(__file__).parent
LANGUAGE_COOKIE = "lang"
YEAR_S = 365 * 24 * 3600

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Vary": "Accept-Language, Cookie",
}
"""On every page. Figures about members stay out of shared caches and of a borrowed browser's history."""

MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


class Renderer:
    """The templates, the texts of each language and the static files, read once."""

    def __init__(self, *, takes_files: bool = False, tells_cells: bool = False) -> None:
        self.texts = {language: texts.load(language) for language in LANGUAGES}
        self.files = {path.name: path.read_bytes() for path in (HERE / "static").iterdir()}
        self.environment = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.environment.globals.update(
            static=self._address,
            takes_files=takes_files,
            tells_cells=lambda caller: tells_cells and reads_members(caller),
            languages=LANGUAGES,
            levels=LEVELS,
            share=percent_of,
            sentence=sentence,
            heat_row=heat_row,
            goods_of=_goods_of,
        )

    def language_of(self, request: Request) -> Texts:
        """Return the texts to answer `request` in."""
        asked, remembered = request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE)
        return self.texts[texts.choose(asked, remembered, request.headers.get("accept-language"))]

    def page(
        self, request: Request, template: str, shown: Mapping[str, Any], *, status: int = 200
    ) -> Response:
        """Return `template` filled in, in the reader's language, which is remembered once asked for."""
        context = {
            "t": self.language_of(request),
            "caller": None,
            "reads_members": reads_members(shown.get("caller")),
            "path": request.url.path,
            "did": request.query_params.get("did"),
            "knowing": None,
            "behind": getattr(request.state, "behind", False),
            "link": _linker(request),
            "kept": _keeper(request),
            **shown,
        }
        html = self.environment.get_template(template).render(context)
        again = problem.HEADERS[503] if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
        response = HTMLResponse(html, status_code=status, headers=HEADERS | again)
        if request.query_params.get("lang") in LANGUAGES:
            language = context["t"].language
            response.set_cookie(LANGUAGE_COOKIE, language, max_age=YEAR_S, samesite="lax", path="/")
        return response

    def file(self, name: str) -> Response | None:
        """Return a static file, or None. Its address changes with its content, so it may be kept."""
        if name not in self.files:
            return None
        cached = f"public, max-age={YEAR_S}, immutable"
        headers = {"Cache-Control": cached, "X-Content-Type-Options": "nosniff"}
        return Response(self.files[name], media_type=MEDIA_TYPES[Path(name).suffix], headers=headers)

    def _address(self, name: str) -> str:
        return f"/static/{name}?v={sha256(self.files[name]).hexdigest()[:12]}"


def _linker(request: Request) -> Callable[..., str]:
    """Return `link(name=value)`: this address with some of its parameters changed, None to drop one."""

    def link(**changes: object) -> str:
        asked = {**request.query_params, "lang": None, "after": None, "did": None, **changes}
        query = urlencode({name: value for name, value in asked.items() if value not in (None, "")})
        return f"{request.url.path}?{query}" if query else request.url.path

    return link


def _keeper(request: Request) -> Callable[..., list[tuple[str, str]]]:
    """Return `kept(names…)`: the parameters a form must carry along, as they are now."""

    def kept(*names: str) -> list[tuple[str, str]]:
        return [(name, request.query_params[name]) for name in names if request.query_params.get(name)]

    return kept


def _goods_of(assessments: Iterable[SelfAssessment]) -> Sequence[str]:
    """Return every good that any of them speaks of, in the order of the newest form."""
    newest_first = sorted(assessments, key=lambda one: one.period, reverse=True)
    return list(dict.fromkeys(good for one in newest_first for good in one.goods))
