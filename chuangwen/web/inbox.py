"""通知 for the desk and the phone: the own inbox, and how one wants to hear. The same views under both frames."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuangwen.http import actor_of, door, now_of, wants_json
from chuangwen.notices.channels import live
from chuangwen.notices.operations import (
    add_device,
    drop_device,
    mark_all_read,
    mark_read,
    matter_opened,
    save_preference,
)
from chuangwen.notices.queries import devices_of, inbox, pace_of, preference_of
from chuangwen.rules.notices import PERSONAL, Channel, Pace
from chuangwen.rules.permissions import Permission
from chuangwen.rules.refusals import Refused
from chuangwen.web.desk.lists import list_page
from chuangwen.web.notice_links import matter_url

PACES = {
    "": gettext_lazy("按岗位"),
    Pace.AT_ONCE.value: gettext_lazy("随时"),
    Pace.DAILY.value: gettext_lazy("每天汇总一次"),
}


class WishesForm(forms.Form):
    """How somebody wants to hear; whether it can be done is for the operation to say."""

    channels = forms.MultipleChoiceField(
        label=gettext_lazy("除了收件箱，还发到"), required=False, widget=forms.CheckboxSelectMultiple,
        choices=[(c.value, c.label) for c in PERSONAL if c is not Channel.PUSH],
        help_text=gettext_lazy("收件箱总有全部通知。短信只发紧急的，发到您在单位登记的手机号。"),
    )  # fmt: skip
    email = forms.CharField(
        label=gettext_lazy("邮箱"),
        required=False,
        widget=forms.EmailInput(attrs={"maxlength": 254, "autocomplete": "email"}),
    )
    pace = forms.ChoiceField(
        label=gettext_lazy("多快告诉您"), required=False, choices=list(PACES.items()), widget=forms.RadioSelect
    )
    digest_at = forms.TimeField(
        label=gettext_lazy("汇总时间"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=gettext_lazy("每天汇总和还没办的提醒在这个时间发。"),
    )  # fmt: skip
    quiet_from = forms.TimeField(
        label=gettext_lazy("免打扰从"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    quiet_to = forms.TimeField(
        label=gettext_lazy("免打扰到"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=gettext_lazy("两个时间相同就是不设免打扰。紧急的随时发。"),
    )  # fmt: skip
    quiet_on_rest_days = forms.BooleanField(label=gettext_lazy("休息日也不打扰（按工作日历）"), required=False)

    def given(self) -> dict[str, Any]:
        """What was typed, as far as it is understood; what is not, the operation names."""
        self.is_valid()
        names = ("channels", "email", "pace", "digest_at", "quiet_from", "quiet_to", "quiet_on_rest_days")
        usual: dict[str, Any] = {
            "channels": self["channels"].data or [],
            "email": "",
            "pace": self.data.get("pace", ""),
        }
        return {name: self.cleaned_data.get(name, usual.get(name)) for name in names}


def _inbox(audience: str) -> Callable[[HttpRequest], HttpResponseBase]:
    def notices(request: HttpRequest) -> HttpResponse:
        page = list_page(request, inbox(actor_of(request)))
        context = {"page": page, "now": now_of(request), "audience": audience}
        return render(request, f"{audience}/notices.html", context)

    return door(Permission.DESK_OPEN)(never_cache(require_safe(notices)))


def _open(audience: str) -> Callable[..., HttpResponseBase]:
    def open_notice(request: HttpRequest, notice_id: int) -> HttpResponse:
        notice = mark_read(notice_id=notice_id, by=actor_of(request), now=now_of(request))
        return redirect(matter_url(audience, notice.matter_kind, notice.matter_id))

    return door(Permission.DESK_OPEN)(require_POST(open_notice))


def _about(audience: str) -> Callable[..., HttpResponseBase]:
    """The links in letters and pushes: they name the matter, so that a whole group can follow them."""

    def about(request: HttpRequest, kind: str, number: int) -> HttpResponse:
        matter_opened(matter_kind=kind, matter_id=number, by=actor_of(request), now=now_of(request))
        return redirect(matter_url(audience, kind, number))

    return door(Permission.DESK_OPEN)(never_cache(require_safe(about)))


def _all_read(audience: str) -> Callable[[HttpRequest], HttpResponseBase]:
    def all_read(request: HttpRequest) -> HttpResponse:
        mark_all_read(by=actor_of(request), now=now_of(request))
        messages.success(request, _("都标为已读了。要办的事办完后会自己消失。"))
        return redirect(f"web:{audience}:notices")

    return door(Permission.DESK_OPEN)(require_POST(all_read))


def _wishes_page(request: HttpRequest, audience: str, form: WishesForm, status: int = 200, **more: Any) -> HttpResponse:
    actor = actor_of(request)
    on = live()
    context = {
        "form": form, "audience": audience, "usual": PACES[pace_of(preference_of(actor), actor).value],
        "quiet": [c.label for c in PERSONAL if c not in on], "devices": devices_of(actor), "now": now_of(request),
        "push_key": settings.VAPID_PUBLIC_KEY if Channel.PUSH in on else "",
    }  # fmt: skip
    return render(request, f"{audience}/notice_settings.html", context | more, status=status)


def _wishes(audience: str) -> Callable[[HttpRequest], HttpResponseBase]:
    def wishes(request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            row = preference_of(actor_of(request))
            known = {name: getattr(row, name) for name in WishesForm.base_fields}
            return _wishes_page(request, audience, WishesForm(initial=known))
        form = WishesForm(request.POST)
        try:
            save_preference(**form.given(), by=actor_of(request), now=now_of(request))
        except Refused as refusal:
            form.errors.clear()
            return _wishes_page(request, audience, form, 422, objections=refusal.objections)
        messages.success(request, _("通知设置已保存。"))
        return redirect(f"web:{audience}:notice-settings")

    return door(Permission.DESK_OPEN)(never_cache(require_http_methods(["GET", "HEAD", "POST"])(wishes)))


def _add_device(audience: str) -> Callable[[HttpRequest], HttpResponseBase]:
    def device_add(request: HttpRequest) -> HttpResponse:
        keys = {name: request.POST.get(name, "") for name in ("endpoint", "p256dh", "auth")}
        try:
            add_device(**keys, by=actor_of(request), now=now_of(request))
        except Refused as refusal:
            if wants_json(request):
                return JsonResponse({"ok": False, "objections": list(refusal.objections)}, status=422)
            form = WishesForm(initial={})
            return _wishes_page(request, audience, form, 422, objections=refusal.objections)
        return JsonResponse({"ok": True}) if wants_json(request) else redirect(f"web:{audience}:notice-settings")

    return door(Permission.DESK_OPEN)(require_POST(device_add))


def _drop_device(audience: str) -> Callable[..., HttpResponseBase]:
    def device_drop(request: HttpRequest, device_id: int) -> HttpResponse:
        drop_device(device_id=device_id, by=actor_of(request), now=now_of(request))
        messages.success(request, _("这个浏览器不再收推送。"))
        return redirect(f"web:{audience}:notice-settings")

    return door(Permission.DESK_OPEN)(require_POST(device_drop))


def pages(audience: str) -> list[URLPattern]:
    """The addresses of the inbox under the frame of the desk or of the phone."""
    return [
        path("notices/", _inbox(audience), name="notices"),
        path("notices/read/", _all_read(audience), name="notices-read"),
        path("notices/settings/", _wishes(audience), name="notice-settings"),
        path("notices/devices/", _add_device(audience), name="notice-device-add"),
        path("notices/devices/<int:device_id>/drop/", _drop_device(audience), name="notice-device-drop"),
        path("notices/<int:notice_id>/", _open(audience), name="notice"),
        path("about/<slug:kind>/<int:number>/", _about(audience), name="notice-about"),
    ]
