"""简报通报: the papers, drafting one by hand, one as it will be printed with every figure checkable, editing, release."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from chuangwen.bulletins.operations import draft_paper, edit_paper, release_paper, withdraw_draft
from chuangwen.bulletins.queries import (
    check_paper,
    may_edit,
    may_release,
    own_hand,
    paper_for,
    paper_kinds,
    papers_for,
)
from chuangwen.http import Context, actor_of, door, now_of
from chuangwen.rules.permissions import Permission, may
from chuangwen.rules.refusals import Conflict, NotFound, Refused
from chuangwen.web.desk.attempts import attempt, seen_version
from chuangwen.web.desk.lists import FilterForm, choices_of, list_page, set_choices
from chuangwen.web.desk.periods import Days, today_of
from chuangwen.web.desk.publicity import tabs
from chuangwen.web.paper_view import addressed_to, figure_list, paper_file, sections, signed_on

NOT_SAID = gettext_lazy("数字是起草时的；点开看到的是现在您看得到的案件，后来办结的、不在您辖区的会有出入。")


class PaperFilter(FilterForm):
    """The conditions of the list."""

    kind = forms.ChoiceField(label=gettext_lazy("种类"), required=False)
    state = forms.ChoiceField(label=gettext_lazy("状态"), required=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        set_choices(self, "kind", choices_of(paper_kinds()))
        set_choices(self, "state", choices_of({"draft": _("草稿"), "released": _("已发布")}))


class DraftForm(forms.Form):
    """Which kind of paper, for which day."""

    kind = forms.ChoiceField(label=gettext_lazy("种类"), widget=forms.RadioSelect)
    day = forms.DateField(
        label=gettext_lazy("日期"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("日简报写这一天，周通报写这一天所在的周（周一到周日），月排名写这一天所在的月。"),
        error_messages={"invalid": gettext_lazy("日期应写成 2020-06-28。")},
    )  # fmt: skip

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        set_choices(self, "kind", list(paper_kinds().items()))


def _crumbs(paper_id: int | None = None) -> list[dict[str, Any]]:
    found = [{"label": _("简报通报"), "url": reverse("web:desk:papers")}]
    return [*found, {"label": _("通报"), "url": reverse("web:desk:paper", args=[paper_id])}] if paper_id else found


@door(Permission.PAPER_SEE)
@require_safe
def papers(request: HttpRequest) -> HttpResponse:
    """Every paper that this person may look at, newest period first."""
    actor = actor_of(request)
    form = PaperFilter(request.GET)
    rows = papers_for(actor)
    if kind := form.value("kind"):
        rows = rows.filter(kind=kind)
    if state := form.value("state"):
        rows = rows.filter(released_at__isnull=state == "draft")
    page = list_page(request, rows)
    may_draft = may(actor, Permission.PAPER_DRAFT)
    new = {"label": _("起草"), "url": reverse("web:desk:paper-new"), "icon": "plus", "primary": True}
    context = {
        "page": page, "form": form, "conditions": form.conditions(), "now": now_of(request), "may_draft": may_draft,
        "rows": [(paper, Days(paper.starts_on, paper.ends_on)) for paper in page.rows],
        "actions": [new] if may_draft else [], "tabs": tabs("papers"),
    }  # fmt: skip
    return render(request, "desk/papers.html", context)


@door(Permission.PAPER_DRAFT)
@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: HttpRequest) -> HttpResponse:
    """Draft a paper from the figures as they are; a draft that exists is opened instead of a second one."""
    yesterday = today_of(now_of(request)) - timedelta(days=1)
    initial = {"kind": "daily", "day": yesterday.isoformat()}
    form = DraftForm(request.POST if request.method == "POST" else None, initial=initial)
    context: Context = {"form": form, "crumbs": _crumbs()}
    if request.method != "POST":
        return render(request, "desk/paper_new.html", context)
    if not form.is_valid():
        return render(request, "desk/paper_new.html", context, status=422)
    kind, day, now = form.cleaned_data["kind"], form.cleaned_data["day"], now_of(request)
    try:
        made = draft_paper(kind=kind, day=day, by=actor_of(request), now=now)
    except NotFound:
        raise
    except Refused as refusal:
        return render(request, "desk/paper_new.html", context | {"objections": refusal.objections}, status=422)
    fresh = made.drafted_at == now
    messages.success(request, _("草稿已写好，请核对、修改后发布。") if fresh else _("本期已经有一份草稿，这就是它。"))
    return redirect("web:desk:paper", made.pk)


@door(Permission.PAPER_SEE)
@never_cache
@require_safe
def paper(request: HttpRequest, paper_id: int) -> HttpResponse:
    """The paper as it will be printed; with `check=1` also whether everything in it holds."""
    actor = actor_of(request)
    found = paper_for(actor, paper_id)
    checked = request.GET.get("check") == "1"
    context = {
        "paper": found, "sections": sections(found, linked=True), "figures": figure_list(found), "crumbs": _crumbs(),
        "checked": checked, "faults": check_paper(found) if checked else [], "now": now_of(request),
        "may_edit": may_edit(actor, found), "may_release": may_release(actor, found), "not_said": NOT_SAID,
        "signed_on": signed_on(found), "addressed_to": addressed_to(found),
    }  # fmt: skip
    return render(request, "desk/paper.html", context)


@door(Permission.PAPER_SEE)
@require_safe
def docx(request: HttpRequest, paper_id: int) -> HttpResponse:
    """The paper as a document in the layout of official papers."""
    return paper_file(paper_for(actor_of(request), paper_id), "docx")


@door(Permission.PAPER_SEE)
@require_safe
def pdf(request: HttpRequest, paper_id: int) -> HttpResponse:
    """The same paper as PDF, to be printed or filed."""
    return paper_file(paper_for(actor_of(request), paper_id), "pdf")


# --- editing ---


def _typed(request: HttpRequest, number: int) -> dict[int, str]:
    """The words of each section as they were typed."""
    given = {at: request.POST.get(f"section-{at}") for at in range(number)}
    return {at: text.replace("\r\n", "\n").strip() for at, text in given.items() if text is not None}


def _saved(found: Any) -> dict[int, str]:
    return {at: "\n".join(section["paragraphs"]) for at, section in enumerate(found.sections)}


def _edit_context(found: Any, title: str, texts: dict[int, str]) -> Context:
    saved = _saved(found)
    words = [(at, section["heading"], texts.get(at, saved[at])) for at, section in enumerate(found.sections)]
    rows = [(at, heading, text, min(16, 2 + text.count("\n") + len(text) // 60)) for at, heading, text in words]
    return {"paper": found, "title": title, "rows": rows, "crumbs": _crumbs(found.pk)}


def _differences(found: Any, title: str, texts: dict[int, str]) -> list[tuple[str, str, str]]:
    """What is typed here beside what somebody else saved, where they differ."""
    saved = _saved(found)
    rows = [(_("标题"), title, found.title)]
    rows += [(section["heading"], texts.get(at, saved[at]), saved[at]) for at, section in enumerate(found.sections)]
    return [row for row in rows if row[1] != row[2]]


@door(Permission.PAPER_DRAFT)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, paper_id: int) -> HttpResponse:
    """The words of a draft, section by section; tables and figures stay as they were drafted."""
    actor = actor_of(request)
    found = paper_for(actor, paper_id)
    if not may_edit(actor, found):
        raise Refused(_("这份通报已经发布或不归您修改。"))
    if request.method != "POST":
        return render(request, "desk/paper_edit.html", _edit_context(found, found.title, {}))
    texts, title = _typed(request, len(found.sections)), request.POST.get("title", "").strip()
    try:
        edit_paper(
            paper_id=paper_id, texts=texts, title=title, seen_version=seen_version(request), by=actor,
            now=now_of(request),
        )  # fmt: skip
    except NotFound:
        raise
    except Conflict as conflict:
        context = _edit_context(found, title, texts) | {"conflict": _differences(found, title, texts)}
        return render(request, "desk/paper_edit.html", context | {"objections": conflict.objections}, status=409)
    except Refused as refusal:
        context = _edit_context(found, title, texts) | {"objections": refusal.objections}
        return render(request, "desk/paper_edit.html", context, status=422)
    messages.success(request, _("已保存。"))
    return redirect("web:desk:paper", paper_id)


# --- release and withdrawal ---


@door(Permission.PAPER_RELEASE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def release(request: HttpRequest, paper_id: int) -> HttpResponse:
    """What release means, whether the paper holds, then release it."""
    found = paper_for(actor_of(request), paper_id)

    def act() -> HttpResponse:
        version = seen_version(request)
        made = release_paper(paper_id=paper_id, by=actor_of(request), now=now_of(request), seen_version=version)
        messages.success(request, _("%(number)s已发布，公开页面上可以看到。") % {"number": made.number})
        return redirect("web:desk:paper", paper_id)

    tried = attempt(request, act)
    skip = tried.objections or found.is_released
    faults = [] if skip else [*own_hand(actor_of(request), found), *check_paper(found)]
    context = {"paper": found, "objections": tried.objections, "faults": faults, "crumbs": _crumbs(paper_id)}
    return tried.went or render(request, "desk/paper_release.html", context, status=tried.status)


@door(Permission.PAPER_DRAFT)
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, paper_id: int) -> HttpResponse:
    """Throw a draft away, after a question, so that the period can be drafted anew."""
    found = paper_for(actor_of(request), paper_id)

    def act() -> HttpResponse:
        withdraw_draft(paper_id=paper_id, by=actor_of(request), now=now_of(request))
        messages.success(request, _("草稿已撤回，可以重新起草。"))
        return redirect("web:desk:papers")

    tried = attempt(request, act)
    context = {"paper": found, "objections": tried.objections, "crumbs": _crumbs(paper_id)}
    return tried.went or render(request, "desk/paper_withdraw.html", context, status=tried.status)


urls = [
    path("papers/", papers, name="papers"),
    path("papers/new/", draft, name="paper-new"),
    path("papers/<int:paper_id>/", paper, name="paper"),
    path("papers/<int:paper_id>/docx/", docx, name="paper-docx"),
    path("papers/<int:paper_id>/pdf/", pdf, name="paper-pdf"),
    path("papers/<int:paper_id>/edit/", edit, name="paper-edit"),
    path("papers/<int:paper_id>/release/", release, name="paper-release"),
    path("papers/<int:paper_id>/withdraw/", withdraw, name="paper-withdraw"),
]
