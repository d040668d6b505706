"""Log-in with lock-out, log-out, password, language."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from chuangwen.http import actor_of, client_address, now_of, public
from chuangwen.people import lockout
from chuangwen.people.operations import set_password
from chuangwen.people.queries import demo_accounts, is_field_person
from chuangwen.rules.refusals import Refused


def _safe_next(request: HttpRequest, fallback: str) -> str:
    wanted = str(request.POST.get("next") or request.GET.get("next") or "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else fallback


def _log_in_page(request: HttpRequest, objections: list[str], status: int) -> HttpResponse:
    context = {
        "objections": objections,
        "username": request.POST.get("username", ""),
        "next": _safe_next(request, ""),
        "demo_accounts": demo_accounts(),
    }
    return render(request, "registration/login.html", context, status=status)


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def log_in(request: HttpRequest) -> HttpResponse:
    """Name and password; after five wrong ones the account waits a quarter of an hour."""
    if request.method != "POST":
        return _log_in_page(request, [], 200)
    username, password = request.POST.get("username", "").strip().lower(), request.POST.get("password", "")
    now = now_of(request)
    if lockout.locked_until(username, now=now):
        sentence = _("密码连续输错 %(times)d 次，账号已锁定。请 %(minutes)d 分钟后再试，或联系系统管理员。")
        figures = {"times": settings.LOCKOUT_FAILURES, "minutes": settings.LOCKOUT_MINUTES}
        return _log_in_page(request, [sentence % figures], 429)
    user = authenticate(request, username=username, password=password)
    if user is None:
        lockout.note_failure(username, client_address(request), now=now)
        return _log_in_page(request, [_("账号或密码不对。请检查后重新输入。")], 422)
    lockout.forget_failures(username)
    login(request, user)
    home = "web:field:home" if is_field_person(user.pk, now.date()) else "web:desk:home"
    return name_person(redirect(_safe_next(request, "") or home), user.pk)


def name_person(response: HttpResponse, user_id: int) -> HttpResponse:
    """Let the scripts of the phone know at once that somebody else logged in, also before there is a network."""
    response.set_cookie(
        settings.PERSON_COOKIE_NAME, str(user_id), max_age=settings.SESSION_COOKIE_AGE, samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )  # fmt: skip
    return response


@public
@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """Leave; the session ends on the server."""
    logout(request)
    response = redirect("web:login")
    response.delete_cookie(settings.PERSON_COOKIE_NAME)
    return response


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def change_password(request: HttpRequest) -> HttpResponse:
    """A person's own password; the old one is asked for."""
    if not request.user.is_authenticated:
        return redirect("web:login")
    if request.method != "POST":
        return render(request, "registration/password_change.html", {"objections": []})
    old, new, again = (request.POST.get(name, "") for name in ("old_password", "new_password1", "new_password2"))
    objections = [] if request.user.check_password(old) else [_("原密码不对。")]
    objections += [] if new == again else [_("两次输入的新密码不一样。")]
    if not objections:
        try:
            set_password(username=request.user.username, password=new, by=actor_of(request), now=now_of(request))
        except Refused as refusal:
            objections = list(refusal.objections)
    if objections:
        return render(request, "registration/password_change.html", {"objections": objections}, status=422)
    request.user.refresh_from_db()
    update_session_auth_hash(request, request.user)
    messages.success(request, _("密码已修改。"))
    return redirect("web:desk:home")


@public
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Chinese or English for the frame, remembered on this device."""
    response = redirect(_safe_next(request, "/"))
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES) and check_for_language(language):
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=365 * 86400, samesite="Lax")
    return response
