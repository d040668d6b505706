"""How an answer is spelt: JSON or XML, and every refusal as the list of errors that the standard asks for."""

import functools
import json
from collections.abc import Callable, Sequence
from typing import Any, Concatenate, ParamSpec, cast

from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.multipartparser import MultiPartParserError
from django.views.decorators.csrf import csrf_exempt

from chuangwen.http import public
from chuangwen.opendata.queries import ProgramKey, key_of
from chuangwen.rules.open311 import as_xml
from chuangwen.rules.refusals import BadInput, Conflict, NotFound, Refused

P = ParamSpec("P")
Door = Callable[Concatenate[HttpRequest, P], HttpResponse]
Answer = tuple[str, Any]  # the name of the root in XML, and the data
View = Callable[Concatenate[HttpRequest, P], Answer]


class NoKey(Exception):
    """The key is missing or does not work."""


def spelt(root: str, data: Any, form: str, status: int = 200) -> HttpResponse:
    """The data in the spelling asked for. Chinese stays readable; nothing is kept by caches on the way."""
    if form == "json":
        text, kind = json.dumps(data, ensure_ascii=False), "application/json; charset=utf-8"
    else:
        text, kind = as_xml(root, data), "text/xml; charset=utf-8"
    response = HttpResponse(text, status=status, content_type=kind)
    response["Cache-Control"] = "no-store"
    response["Access-Control-Allow-Origin"] = "*"
    return response


def errors(status: int, sentences: Sequence[str], form: str) -> HttpResponse:
    """An array of code and description; the code begins with the HTTP status (GeoReport v2, errors)."""
    rows = [{"code": f"{status}", "description": sentence} for sentence in sentences]
    return spelt("errors", rows, form, status)


def key_given(request: HttpRequest, *, needed: bool) -> ProgramKey | None:
    """The key of the program that asks, from `api_key` in the form or the address. A wrong one is never passed over."""
    given = request.POST.get("api_key", "") or request.GET.get("api_key", "")
    if not given and not needed:
        return None
    found = key_of(given)
    if found is None:
        raise NoKey
    return found


_NO_KEY = "密钥（api_key）没有给出、不对或已作废。请向本区系统管理员申请。"


def open311(*methods: str) -> Callable[[View[P]], Door[P]]:
    """A door open to anybody, without session and so without CSRF token; answers and refusals in the spelling asked for."""

    def decorate(view: View[P]) -> Door[P]:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            form = str(kwargs.get("form", "xml"))
            if request.method not in methods:
                return HttpResponseNotAllowed(methods)
            try:
                root, data = view(request, *args, **kwargs)
            except NoKey:
                return errors(403, [_NO_KEY], form)
            except NotFound as refusal:
                return errors(404, refusal.objections or ["没有这个编号。"], form)
            except (Refused, Conflict, BadInput) as refusal:
                return errors(400, refusal.objections, form)
            except (MultiPartParserError, RequestDataTooBig, TooManyFilesSent):
                return errors(400, ["请求正文读不出来，或者太大。"], form)
            return spelt(root, data, form)

        return cast(Door[P], public(cast(Any, csrf_exempt(cast(Any, guarded)))))

    return decorate
