"""The phone app as an installable thing: manifest, service worker, and one empty page that scripts fill from the pack."""

import hashlib
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import path, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from chuangwen import __version__
from chuangwen.http import public
from chuangwen.rules.permissions import Permission
from chuangwen.web.field.assets import ASSETS, WORKER
from chuangwen.web.field.words import field_words
from chuangwen.web.frame import FIELD
from chuangwen.web.templatetags.cw import script_words

TEMPLATES = Path(__file__).resolve().parent.parent


def _bytes_of(asset: str) -> bytes:
    found = finders.find(asset)
    return Path(str(found)).read_bytes() if found else b""


def _texts() -> list[bytes]:
    folders = (TEMPLATES / "templates" / "field", TEMPLATES / "components" / "templates" / "components")
    return [file.read_bytes() for folder in folders for file in sorted(folder.glob("*.html"))]


@lru_cache(maxsize=1)
def _assets_version() -> str:
    content = [_bytes_of(asset) for asset in (*ASSETS, WORKER)] + _texts()
    return hashlib.sha256(b"\0".join(content)).hexdigest()[:12]


def app_version() -> str:
    """A word that changes with the program, its files or the language of the page."""
    files = _assets_version.__wrapped__() if settings.DEBUG else _assets_version()
    words = hashlib.sha256(repr(sorted((script_words() | field_words()).items())).encode()).hexdigest()[:6]
    return f"{__version__}-{files}-{words}-{get_language()}"


@public
@require_safe
def shell(request: HttpRequest) -> HttpResponse:
    """The page that stands for every page of the phone while there is no network. It holds nothing about anybody."""
    nav = [
        {"label": place.label, "url": reverse(place.route), "icon": place.icon, "active": False}
        for place in FIELD
        if place.permission is not Permission.WHISTLE_REPORT  # units report online, and inspectors never do
    ]
    neutral = {"nav": nav, "actor": None, "unread": 0, "may_desk": False, "may_field": True, "messages": ()}
    return render(request, "field/shell.html", neutral)


@public
@never_cache
@require_safe
def worker(_request: HttpRequest) -> HttpResponse:
    """The service worker; its address below /field/ gives it just these pages."""
    shell_facts: dict[str, object] = {
        "version": app_version(),
        "page": reverse("web:field:shell"),
        "assets": [*(static(asset) for asset in ASSETS), reverse("web:field:manifest")],
    }
    lines = [f"import {{ flush }} from {static('app/field/sender.js')!r};", f"const SHELL = {_script(shell_facts)};"]
    source = "\n".join([*lines, _bytes_of(WORKER).decode()])
    return HttpResponse(source, content_type="text/javascript; charset=utf-8")


def _script(facts: dict[str, object]) -> str:
    return JsonResponse(facts).content.decode()


@public
@require_safe
def manifest(_request: HttpRequest) -> HttpResponse:
    """What the phone needs to put the pages on its home screen."""
    icons: list[dict[str, str]] = [
        {"src": static(f"app/icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
        for size, purpose in ((192, "any"), (512, "any"), (512, "maskable"))
    ]
    icons[2]["src"] = static("app/icon-512-maskable.png")
    facts = {
        "id": reverse("web:field:home"), "name": _("创文巡查"), "short_name": _("创文巡查"), "lang": get_language(),
        "start_url": reverse("web:field:home"), "scope": reverse("web:field:home"), "display": "standalone",
        "background_color": "#f3f5f5", "theme_color": "#0b6468", "icons": icons,
    }  # fmt: skip
    return JsonResponse(facts, content_type="application/manifest+json", json_dumps_params={"ensure_ascii": False})


@public
@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """What this phone has not sent yet. Only the phone knows; without scripts nothing can wait."""
    return render(request, "field/waiting.html", {"back_url": reverse("web:field:home")})


urls = [
    path("shell/", shell, name="shell"),
    path("sw.js", worker, name="worker"),
    path("manifest.webmanifest", manifest, name="manifest"),
    path("waiting/", waiting, name="waiting"),
]
