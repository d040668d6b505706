"""Links, JSON, and refusals as exceptions of the standard (code and description)."""

import functools
import json
from collections.abc import Callable, Collection
from typing import Any, Concatenate, ParamSpec, cast

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from chuangwen.http import public
from chuangwen.rules.refusals import BadInput, NotFound

P = ParamSpec("P")
Door = Callable[Concatenate[HttpRequest, P], HttpResponse]
View = Callable[Concatenate[HttpRequest, P], tuple[dict[str, Any], str]]
JSON, GEOJSON, OPENAPI = "application/json", "application/geo+json", "application/vnd.oai.openapi+json;version=3.0"
KEPT = 60  # seconds


def link(request: HttpRequest, address: str, rel: str, kind: str, title: str) -> dict[str, str]:
    """A link of the standard, with an absolute address."""
    return {"href": request.build_absolute_uri(address), "rel": rel, "type": kind, "title": title}


def _answer(data: dict[str, Any], kind: str, status: int = 200) -> HttpResponse:
    response = HttpResponse(json.dumps(data, ensure_ascii=False), status=status, content_type=kind)
    response["Access-Control-Allow-Origin"] = "*"
    response["Cache-Control"] = f"public, max-age={KEPT}" if status == 200 else "no-store"
    return response


def ogc(*known: str) -> Callable[[View[P]], Door[P]]:
    """A door open to anybody. `known`: the parameters; others are refused (7.15.8 and /req/core/query-param-unknown)."""

    def decorate(view: View[P]) -> Door[P]:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if request.method not in {"GET", "HEAD"}:
                return HttpResponseNotAllowed(["GET", "HEAD"])
            try:
                _refuse_unknown(request, {*known, "f"})
                data, kind = view(request, *args, **kwargs)
            except NotFound as refusal:
                return _answer(_exception("NotFound", refusal.objections or ["没有这一项。"]), JSON, 404)
            except BadInput as refusal:
                return _answer(_exception("InvalidParameterValue", refusal.objections), JSON, 400)
            return _answer(data, kind)

        return cast(Door[P], public(cast(Any, guarded)))

    return decorate


def _refuse_unknown(request: HttpRequest, known: Collection[str]) -> None:
    found = [f"不认识参数 {name[:40]}。" for name in request.GET if name not in known]
    found += ["f 只能是 json。"] if request.GET.get("f", "json") not in {"json", "geojson"} else []
    if found:
        raise BadInput(found)


def _exception(code: str, sentences: Collection[str]) -> dict[str, Any]:
    return {"code": code, "description": "".join(sentences)}
