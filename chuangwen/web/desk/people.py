"""People on the desk: the list, one person with posts, account and password."""

import secrets
from datetime import date
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuangwen.http import actor_of, door, now_of
from chuangwen.people.imports import import_people
from chuangwen.people.listing import (
    narrowed_people,
    person_for,
    person_with_username,
    post_of,
    posts_of,
)
from chuangwen.people.operations import appoint, dismiss, put_user, set_active, set_password
from chuangwen.people.spreadsheets import export_people, read_people
from chuangwen.rules.permissions import Permission
from chuangwen.rules.refusals import NotFound, Refused
from chuangwen.rules.text import mask_phone
from chuangwen.web.desk import units
from chuangwen.web.desk.files import TableImport, download, import_page
from chuangwen.web.desk.lists import address_with, list_page
from chuangwen.web.desk.people_forms import NewPersonForm, PeopleFilter, PersonForm, PostForm
from chuangwen.web.desk.units import manages, tabs, unit_choices

# Letters and figures that cannot be taken for each other when read out.
_SIGNS: Final = "abcdefghjkmnpqrstuvwxyz23456789"


def fresh_password() -> str:
    """A password that nobody guesses and that can be read out: four groups of four."""
    return "-".join("".join(secrets.choice(_SIGNS) for _place in range(4)) for _group in range(4))


def _today(request: HttpRequest) -> date:
    return now_of(request).date()


def _filtered(request: HttpRequest, form: PeopleFilter) -> Any:
    return narrowed_people(
        actor_of(request), _today(request), text=form.value("q"), unit=form.value("unit"), role=form.value("role"),
        state=form.value("state"),
    )  # fmt: skip


@door(Permission.PEOPLE_SEE)
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """The people within reach, by name."""
    form = PeopleFilter(request.GET)
    page = list_page(request, _filtered(request, form))
    actions: list[dict[str, Any]] = []
    if manages(request):
        query = address_with(request, page="")
        actions = [
            {"label": _("导出表格"), "url": reverse("web:desk:people-export") + query, "icon": "download"},
            {"label": _("导入表格"), "url": reverse("web:desk:people-import"), "icon": "upload"},
            {"label": _("新增人员"), "url": reverse("web:desk:person-new"), "icon": "plus", "primary": True},
        ]
    context = {"page": page, "form": form, "conditions": form.conditions(), "tabs": tabs("people"), "actions": actions}
    return render(request, "desk/people.html", context)


# --- one person ---


def _page(request: HttpRequest, user_id: int, status: int = 200, **more: Any) -> HttpResponse:
    actor = actor_of(request)
    found = more.pop("person", None) or person_for(actor, user_id)
    posts = posts_of(found)
    today = _today(request)
    keeps, oneself = manages(request), found.pk == actor.user_id
    context: dict[str, Any] = {
        "person": found, "today": today, "manages": keeps, "oneself": oneself,
        "held": [post for post in posts if post.starts_on <= today and (post.ends_on is None or post.ends_on >= today)],
        "phone": found.phone if keeps or oneself else mask_phone(found.phone),
        "crumbs": [{"label": _("人员"), "url": reverse("web:desk:people")}],
    }  # fmt: skip
    context["other_posts"] = [post for post in posts if post not in context["held"]]
    if keeps:
        facts = {"display_name": found.display_name, "phone": found.phone}
        choices = unit_choices(request)
        context |= {
            "form": PersonForm(initial=facts), "units": choices,
            "post_form": PostForm(initial={"starts_on": today}, units=choices, prefix="post"),
        }  # fmt: skip
    return render(request, "desk/person.html", context | more, status=status)


@door(Permission.PEOPLE_SEE)
@require_safe
def person(request: HttpRequest, user_id: int) -> HttpResponse:
    """One person: posts, telephone number, account."""
    return _page(request, user_id)


def _refused(request: HttpRequest, user_id: int, refusal: Refused, **more: Any) -> HttpResponse:
    return _page(request, user_id, 422, objections=refusal.objections, **more)


@door(Permission.PEOPLE_MANAGE)
@require_POST
def edit(request: HttpRequest, user_id: int) -> HttpResponse:
    """Name and telephone number."""
    found = person_for(actor_of(request), user_id)
    form = PersonForm(request.POST)
    if not form.is_valid():
        return _page(request, user_id, 422, form=form, person=found)
    try:
        put_user(username=found.username, by=actor_of(request), now=now_of(request), **form.cleaned_data)
    except Refused as refusal:
        return _refused(request, user_id, refusal, form=form, person=found)
    messages.success(request, _("已保存。"))
    return redirect("web:desk:person", user_id)


@door(Permission.PEOPLE_MANAGE)
@require_POST
def add_post(request: HttpRequest, user_id: int) -> HttpResponse:
    """A further post; the same one twice changes nothing."""
    found = person_for(actor_of(request), user_id)
    form = PostForm(request.POST, units=unit_choices(request), prefix="post")
    if not form.is_valid():
        return _page(request, user_id, 422, post_form=form, person=found)
    try:
        appoint(username=found.username, by=actor_of(request), now=now_of(request), **form.cleaned_data)
    except Refused as refusal:
        return _refused(request, user_id, refusal, post_form=form, person=found)
    messages.success(request, _("已任命。"))
    return redirect("web:desk:person", user_id)


@door(Permission.PEOPLE_MANAGE)
@require_POST
def end_post(request: HttpRequest, user_id: int, post_id: int) -> HttpResponse:
    """A post ends with a day; the account stays."""
    found = person_for(actor_of(request), user_id)
    post = post_of(found, post_id)
    day = forms.DateField(required=False)
    try:
        last_day = day.clean(request.POST.get("last_day", "")) or _today(request)
        dismiss(post_id=post.pk, last_day=last_day, by=actor_of(request), now=now_of(request))
    except forms.ValidationError:
        return _refused(request, user_id, Refused(_("任职止请写成 2020-06-28 这样的日期。")), person=found)
    except NotFound:
        raise
    except Refused as refusal:
        return _refused(request, user_id, refusal, person=found)
    messages.success(request, _("任职已到 %(day)s 为止，账号保留。") % {"day": last_day.isoformat()})
    return redirect("web:desk:person", user_id)


@door(Permission.PEOPLE_MANAGE)
@never_cache
@require_POST
def reset_password(request: HttpRequest, user_id: int) -> HttpResponse:
    """A new random password, shown on this answer only; to be changed at the next log-in."""
    found = person_for(actor_of(request), user_id)
    if found.pk == actor_of(request).user_id:
        return redirect("web:password-change")
    password = fresh_password()
    set_password(username=found.username, password=password, by=actor_of(request), now=now_of(request))
    return _page(request, user_id, password=password, person=found)


@door(Permission.PEOPLE_MANAGE)
@require_POST
def switch(request: HttpRequest, user_id: int) -> HttpResponse:
    """Let an account in, or keep it out."""
    found = person_for(actor_of(request), user_id)
    active = request.POST.get("active") == "1"
    try:
        set_active(username=found.username, active=active, by=actor_of(request), now=now_of(request))
    except Refused as refusal:
        return _refused(request, user_id, refusal, person=found)
    messages.success(request, _("账号已启用。") if active else _("账号已停用，不能再登录。做过的事仍有记录。"))
    return redirect("web:desk:person", user_id)


@door(Permission.PEOPLE_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A further person; posts and password follow on their page."""
    form = NewPersonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        known = person_with_username(facts["username"])
        if known and (known.display_name, known.phone) != (facts["display_name"], facts["phone"]):
            form.add_error("username", _("账号“%(name)s”已经有人用了，请换一个。") % {"name": known.username})
        else:
            made, _changed = put_user(by=actor_of(request), now=now_of(request), **facts)
            messages.success(request, _("账号已建立。还要两步：任命岗位，重设密码并告诉本人。"))
            return redirect("web:desk:person", made.pk)
    context = {"form": form, "crumbs": [{"label": _("人员"), "url": reverse("web:desk:people")}]}
    return render(request, "desk/person_new.html", context, status=422 if request.method == "POST" else 200)


# --- tables ---


@door(Permission.PEOPLE_MANAGE)
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The people of the list with all their posts as a workbook."""
    rows = [] if request.GET.get("template") else list(_filtered(request, PeopleFilter(request.GET)))
    return download(export_people(rows), _("人员.xlsx"))


@door(Permission.PEOPLE_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """People out of a table, a row for each post."""

    def run(content: bytes, dry_run: bool) -> Any:
        return import_people(rows=read_people(content), by=actor_of(request), now=now_of(request), dry_run=dry_run)

    table = TableImport(
        title=_("导入人员"), lead=_("按账号对应：新账号新增，已有的更新姓名、电话、岗位，表里没有的不动。"), unit=_("人"), run=run,
        back_url=reverse("web:desk:people"), back_label=_("人员"),
        template_url=reverse("web:desk:people-export") + "?template=1",
        notes=(_("一人任几职的写几行，账号、姓名、电话照抄。"), _("新账号没有密码，要在人员页里逐个重设后才能登录。")),
    )  # fmt: skip
    return import_page(request, table)


urls = [
    path("people/", people, name="people"),
    path("people/new/", new, name="person-new"),
    path("people/export/", export, name="people-export"),
    path("people/import/", upload, name="people-import"),
    path("people/<int:user_id>/", person, name="person"),
    path("people/<int:user_id>/edit/", edit, name="person-edit"),
    path("people/<int:user_id>/posts/", add_post, name="person-appoint"),
    path("people/<int:user_id>/posts/<int:post_id>/end/", end_post, name="person-dismiss"),
    path("people/<int:user_id>/password/", reset_password, name="person-password"),
    path("people/<int:user_id>/active/", switch, name="person-active"),
    *units.urls,
]
