"""Who asks, and how a refusal becomes a response."""

import functools
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, cast

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import redirect, render
from django.utils import timezone, translation

from chuangwen.people.queries import actor_for
from chuangwen.rechecks.queries import blind_sites
from chuangwen.rules.permissions import NOBODY, Actor, Permission, Role, may
from chuangwen.rules.refusals import BadInput, Conflict, NotFound, Refused

GetResponse = Callable[[HttpRequest], HttpResponseBase]
P = ParamSpec("P")


def clock() -> datetime:
    """The one place where a request reads the time."""
    return timezone.localtime()


def now_of(request: HttpRequest) -> datetime:
    """The moment of this request: read once, the same for everything it does."""
    moment: datetime | None = getattr(request, "moment", None)
    if moment is None:
        moment = clock()
        request.moment = moment  # type: ignore[attr-defined]  # kept with the request it belongs to
    return moment


def actor_of(request: HttpRequest) -> Actor:
    """Who asks, with the posts they hold today and, for inspectors, where they re-check blindly; three statements at
    most, once a request.
    """
    known: Actor | None = getattr(request, "actor", None)
    if known is None:
        user = request.user
        known = actor_for(user, now_of(request).date()) if user.is_authenticated else NOBODY
        if Role.INSPECTOR in known.roles and user.pk is not None:
            known = replace(known, blind_sites=blind_sites(user.pk))
        request.actor = known  # type: ignore[attr-defined]  # kept with the request it belongs to
    return known


View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def door(permission: Permission) -> Callable[[View[P]], View[P]]:
    """Let in only whom the map lets in; others are asked to log in, or told no. The map test reads `view.permission`."""

    def decorate(view: View[P]) -> View[P]:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
            if request.user.must_change_password:
                return redirect("web:password-change")
            if not may(actor_of(request), permission):
                return refusal_page(request, 403, ["您的岗位不能打开这个页面。"])
            return view(request, *args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]  # read by the walk over every URL
        return cast(View[P], guarded)

    return decorate


def public(view: View[P]) -> View[P]:
    """Open to anybody, said aloud so that the walk over every URL knows it is meant."""
    view.permission = None  # type: ignore[attr-defined]  # read by the walk over every URL
    return view


def wants_json(request: HttpRequest) -> bool:
    """Whether the caller is a script of ours that reads JSON."""
    return "application/json" in request.headers.get("Accept", "")


def refusal_page(request: HttpRequest, status: int, objections: list[str]) -> HttpResponse:
    """A refusal as a page for a person, or as JSON for a script."""
    if wants_json(request):
        return JsonResponse({"ok": False, "objections": objections}, status=status)
    return render(request, f"errors/{status}.html", {"objections": objections}, status=status)


_STATUS: tuple[tuple[type[Exception], int], ...] = ((NotFound, 404), (Conflict, 409), (Refused, 403), (BadInput, 400))


class RefusalsBecomePages:
    """A refusal that no view caught becomes a page with its sentences, never an error page of the machine."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Django asks here before it gives up."""
        for kind, status in _STATUS:
            if isinstance(exception, kind):
                return refusal_page(request, status, list(getattr(exception, "objections", ())))
        return None


class ChineseFirst:
    """Chinese, unless this person chose English here; what the browser prefers does not matter."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class ContentSecurityPolicy:
    """Nothing on our pages runs or loads from elsewhere; a tile server of the office is the one named exception."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        tiles = settings.MAP_TILE_URL.split("/{z}")[0] if settings.MAP_TILE_URL else ""
        self.policy = (
            "default-src 'self'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; "
            f"img-src 'self' data: blob: {tiles}; font-src 'self' data:; connect-src 'self'; object-src 'none'; "
            "worker-src 'self'; manifest-src 'self'; "
            "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        )

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", self.policy)
        return response


class CompressText:
    """Text travels compressed: pages, scripts, styles, data. Pictures are packed already, and a part of a file stays whole."""

    KINDS = ("text/", "application/json", "application/javascript", "application/manifest", "image/svg")

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.compress = GZipMiddleware(get_response)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # Compressing makes a tag weak, and WhiteNoise knows only its own strong one: without this nothing is ever "not modified".
        if "HTTP_IF_NONE_MATCH" in request.META:
            request.META["HTTP_IF_NONE_MATCH"] = request.META["HTTP_IF_NONE_MATCH"].replace("W/", "")
        response = self.get_response(request)
        if response.status_code == 206 or not response.headers.get("Content-Type", "").startswith(self.KINDS):
            return response
        return self.compress.process_response(request, response)


def client_address(request: HttpRequest) -> str:
    """Where the request comes from; the proxy's word counts only behind a proxy."""
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.BEHIND_HTTPS else ""
    return forwarded.split(",")[-1].strip() or request.META.get("REMOTE_ADDR", "")


Context = dict[str, Any]
