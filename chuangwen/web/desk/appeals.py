"""申诉 at the desk: the list, one appeal with both sides' pictures and its reviews, raising one, the set times."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from chuangwen.appeals import operations
from chuangwen.appeals.operations import Plea
from chuangwen.appeals.queries import (
    REVIEWS,
    appeal_for,
    appeal_photo_for,
    effect_words,
    listed,
    may_appeal_case,
    may_escalate,
    may_review,
    outcome_words,
    own_terms,
    pictures_of,
    reviews_of,
    state_words,
    terms_for,
    terms_scope,
    window_of,
)
from chuangwen.cases.queries import case_for
from chuangwen.evidence.queries import open_photo
from chuangwen.http import Context, actor_of, door, now_of
from chuangwen.rules.appeals import CLAIMS, EFFECT_LABELS, SUBJECT_LABELS, Subject, Terms, weaker_than
from chuangwen.rules.permissions import Permission, may
from chuangwen.rules.refusals import Conflict, NotFound, Refused
from chuangwen.scores.queries import line_for, sheet_for
from chuangwen.web.desk.attempts import attempt, seen_version
from chuangwen.web.desk.lists import FilterForm, choices_of, list_page, set_choices
from chuangwen.web.kept_photos import NOTHING_KEPT, Kept, keep, on_their_way
from chuangwen.web.photos import photo_response
from chuangwen.web.uploads import fresh_key

LOOKS: Mapping[str, tuple[str, str]] = {
    "raised": ("warn", "clock"), "proposed": ("info", "message-circle"), "escalated": ("warn", "arrow-back-up"),
    "granted": ("good", "circle-check"), "partly": ("accent", "circle-check"), "refused": ("neutral", "ban"),
}  # fmt: skip


def look_of(appeal: Any) -> dict[str, Any]:
    """The badge of an appeal: what it came to, or who must act."""
    key = appeal.state if appeal.is_open else appeal.outcome
    tone, icon = LOOKS[key]
    label = appeal.get_state_display() if appeal.is_open else _("申诉%(word)s") % {"word": appeal.get_outcome_display()}
    return {"label": label, "tone": tone, "icon": icon}


class AppealFilter(FilterForm):
    """The conditions of the list."""

    state = forms.ChoiceField(label=gettext_lazy("状态"), required=False)
    outcome = forms.ChoiceField(label=gettext_lazy("结果"), required=False)
    mine = forms.BooleanField(label=gettext_lazy("等我审核"), required=False)
    late = forms.BooleanField(label=gettext_lazy("超过审核期限"), required=False)
    since = forms.DateField(
        label=gettext_lazy("本期起"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label=gettext_lazy("本期止"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        set_choices(self, "state", choices_of(state_words()))
        set_choices(self, "outcome", choices_of(outcome_words()))

    def day(self, name: str) -> date | None:
        """A day of the period, when it was typed and understood."""
        return date.fromisoformat(self.value(name)) if self.value(name) else None


@door(Permission.APPEAL_SEE)
@require_safe
def appeals(request: HttpRequest) -> HttpResponse:
    """The appeals that this person may know of, the newest first."""
    actor, now, form = actor_of(request), now_of(request), AppealFilter(request.GET)
    rows = listed(
        actor, state=form.value("state"), outcome=form.value("outcome"), mine=bool(form.value("mine")),
        late=bool(form.value("late")), start=form.day("since"), end=form.day("until"), now=now,
    )  # fmt: skip
    page = list_page(request, rows)
    actions: list[dict[str, Any]] = []
    if may(actor, Permission.APPEAL_TERMS):
        actions.append({"label": _("申诉规则"), "url": reverse("web:desk:appeal-terms"), "icon": "settings"})
    context = {
        "page": page, "rows": [(appeal, look_of(appeal)) for appeal in page.rows], "form": form, "now": now,
        "conditions": form.conditions(), "actions": actions,
    }  # fmt: skip
    return render(request, "desk/appeals.html", context)


def _crumbs(*more: tuple[str, str]) -> list[dict[str, str]]:
    found = [{"label": _("申诉"), "url": reverse("web:desk:appeals")}]
    return [*found, *[{"label": label, "url": url} for label, url in more]]


# --- one appeal ---


class ReviewForm(forms.Form):
    """A reviewer's word."""

    outcome = forms.ChoiceField(label=gettext_lazy("意见"), required=False, widget=forms.RadioSelect)
    effect = forms.ChoiceField(label=gettext_lazy("部分成立时怎么计"), required=False)
    reason = forms.CharField(
        label=gettext_lazy("理由（必填，申诉单位会看到）"), required=False, max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 500}),
    )  # fmt: skip

    def __init__(self, appeal: Any = None, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        if appeal is None:  # what was sent is judged by the operation
            set_choices(self, "outcome", choices_of(outcome_words()))
            set_choices(self, "effect", choices_of(effect_words()))
            return
        weaker = weaker_than(Subject(appeal.subject), appeal.asked)
        words = outcome_words() if weaker else {key: word for key, word in outcome_words().items() if key != "partly"}
        set_choices(self, "outcome", list(words.items()))
        if weaker:
            set_choices(self, "effect", choices_of([(each.value, EFFECT_LABELS[each]) for each in weaker], _("不适用")))
        else:
            del self.fields["effect"]


class EscalateForm(forms.Form):
    """Why once more."""

    words = forms.CharField(
        label=gettext_lazy("为什么申请复核（必填）"), required=False, max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 500}),
    )  # fmt: skip


STEP_LABELS: Mapping[str, Any] = {
    "propose": gettext_lazy("提出初审意见"), "decide": gettext_lazy("作出决定"), "finish": gettext_lazy("作出复核决定"),
}  # fmt: skip


def _pictures(appeal: Any) -> Context:
    found = pictures_of(appeal)

    def shown(ids: Sequence[int], alt: str) -> list[dict[str, Any]]:
        urls = [reverse("web:desk:appeal-photo", args=[appeal.pk, pk]) for pk in ids]
        return [{"url": url, "thumb_url": f"{url}?small=1", "alt": alt} for url in urls]

    before, after = shown(found.before, _("发现时的照片")), shown(found.after, _("整改后照片"))
    return {
        "before": before[-1] if before else None, "after": after[-1] if after else None,
        "evidence": shown(found.given, _("申诉单位的证据")), "more_photos": [*before[:-1], *after[:-1]],
    }  # fmt: skip


def _facts(appeal: Any) -> list[dict[str, Any]]:
    kind = SUBJECT_LABELS[Subject(appeal.subject)]
    about = appeal.about if appeal.case_id is not None else f"{kind}：{appeal.about}"
    rows: list[tuple[str, Any, str]] = [
        (_("申诉单位"), appeal.unit.name, ""), (_("对象"), about, _url(appeal)), (_("要求"), appeal.get_claim_display(), ""),
        (_("理由"), appeal.ground, ""),
    ]  # fmt: skip
    return [{"label": label, "value": value, "url": url} for label, value, url in rows]


def _url(appeal: Any) -> str:
    if appeal.case_id is not None:
        return reverse("web:desk:case", args=[appeal.case_id])
    if appeal.window is None:
        return ""
    street = appeal.finding.visit.site.street_id if appeal.finding is not None else appeal.unit_id
    return reverse("web:desk:score-line", args=[appeal.window.sheet_id, street])


def _page(
    request: HttpRequest, appeal_id: int, *, posted: forms.Form | None = None, objections: Sequence[str] = (), status: int = 200
) -> HttpResponse:  # fmt: skip
    actor, now = actor_of(request), now_of(request)
    appeal = appeal_for(actor, appeal_id)
    step = REVIEWS[appeal.flow_state][0].value if appeal.flow_state in REVIEWS else ""
    said = reviews_of(appeal)
    reviews = step and may_review(actor, appeal, said)
    escalates = may_escalate(actor, appeal, now)
    given = request.POST if posted is not None else None
    mine = ReviewForm(appeal, given) if reviews else EscalateForm(given)
    context: Context = {
        "appeal": appeal, "look": look_of(appeal), "facts": _facts(appeal), "reviews": said, "now": now,
        "step": step if reviews else "escalate" if escalates else "", "form": mine if reviews or escalates else None,
        "step_label": STEP_LABELS.get(step, "") if reviews else _("申请复核"), "objections": objections,
        "client_key": request.POST.get("client_key") or fresh_key(), "crumbs": _crumbs(), "effects": effect_words(),
        **_pictures(appeal),
    }  # fmt: skip
    return render(request, "desk/appeal.html", context, status=status)


def _act(request: HttpRequest, appeal_id: int, form: forms.Form) -> str:
    said, actor, now = form.cleaned_data, actor_of(request), now_of(request)
    key = request.POST.get("client_key", "")[:64] or None
    if isinstance(form, EscalateForm):
        operations.escalate_appeal(
            appeal_id=appeal_id, words=said["words"], by=actor, now=now, seen_version=seen_version(request), client_key=key
        )  # fmt: skip
        return _("已申请复核，由区领导决定。")
    step = request.POST.get("step", "")
    operations.review_appeal(
        appeal_id=appeal_id, step=step, outcome=said["outcome"], effect=said.get("effect", ""), reason=said["reason"],
        by=actor, now=now, seen_version=seen_version(request), client_key=key,
    )  # fmt: skip
    return _("初审意见已提交，等文明办主任决定。") if step == "propose" else _("已决定，申诉单位能看到结果和理由。")


@door(Permission.APPEAL_SEE)
@require_http_methods(["GET", "HEAD", "POST"])
def appeal(request: HttpRequest, appeal_id: int) -> HttpResponse:
    """What is appealed and how it was counted, both sides' pictures, the reviews, and what this person can do now."""
    if request.method != "POST":
        return _page(request, appeal_id)
    up = request.POST.get("step") == "escalate"
    form: forms.Form = EscalateForm(request.POST) if up else ReviewForm(None, request.POST)
    if not form.is_valid():
        return _page(request, appeal_id, posted=form, status=422)

    def act() -> HttpResponse:
        messages.success(request, _act(request, appeal_id, form))
        return redirect("web:desk:appeal", appeal_id)

    tried = attempt(request, act)
    return tried.went or _page(request, appeal_id, posted=form, objections=tried.objections, status=tried.status)


@door(Permission.APPEAL_SEE)
@require_safe
def photo(request: HttpRequest, appeal_id: int, photo_id: int) -> HttpResponseBase:
    """A picture through the door of its appeal."""
    shown = appeal_photo_for(actor_of(request), appeal_id, photo_id)
    return photo_response(open_photo(shown, small=request.GET.get("small") == "1"))


# --- raising one ---


class PleaForm(forms.Form):
    """What is asked and why."""

    claim = forms.ChoiceField(label=gettext_lazy("要求怎么计"), widget=forms.RadioSelect, required=False)
    ground = forms.ChoiceField(label=gettext_lazy("理由"), required=False)
    words = forms.CharField(
        label=gettext_lazy("情况和依据（必填）"), required=False, max_length=1000,
        widget=forms.Textarea(attrs={"rows": 5, "maxlength": 1000}),
    )  # fmt: skip

    def __init__(self, subject: Subject, grounds: Sequence[str], *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        set_choices(self, "claim", [(each.value, EFFECT_LABELS[each]) for each in CLAIMS[subject]])
        set_choices(self, "ground", [(ground, ground) for ground in grounds])
        if len(CLAIMS[subject]) == 1:
            self.initial["claim"] = CLAIMS[subject][0].value


def _raise(
    request: HttpRequest, subject: Subject, grounds: Sequence[str], about: str, crumbs: list[dict[str, str]],
    put: Callable[[Plea, str | None], Any],
) -> HttpResponse:  # fmt: skip
    """The form of an appeal; nothing typed or chosen is lost when it is refused."""
    context: Context = {"about": about, "crumbs": crumbs, "kept": NOTHING_KEPT, "client_key": fresh_key()}
    if request.method != "POST":
        return render(request, "desk/appeal_new.html", context | {"form": PleaForm(subject, grounds)})
    form = PleaForm(subject, grounds, request.POST)
    context |= {"form": form, "client_key": request.POST.get("client_key") or fresh_key()}
    with on_their_way(request) as (photos, wrong):
        try:
            if wrong or not form.is_valid():
                raise Refused(wrong or [str(sentence) for rows in form.errors.values() for sentence in rows])
            plea = Plea(form.cleaned_data["claim"], form.cleaned_data["ground"], form.cleaned_data["words"], photos)
            made = put(plea, request.POST.get("client_key", "")[:64] or None)
        except NotFound:
            raise
        except Refused as refusal:
            kept: Kept = keep(request, photos)
            context |= {"objections": refusal.objections, "kept": kept}
            status = 409 if isinstance(refusal, Conflict) else 422
            return render(request, "desk/appeal_new.html", context, status=status)
    messages.success(request, _("申诉已提交，由文明办初审。"))
    return redirect("web:desk:appeal", made.pk)


def _not_now(request: HttpRequest, about: str, sentence: str) -> HttpResponse:
    context = {"about": about, "crumbs": _crumbs(), "objections": [sentence], "form": None}
    return render(request, "desk/appeal_new.html", context, status=422)


@door(Permission.APPEAL_SEE)
@require_http_methods(["GET", "HEAD", "POST"])
def about_case(request: HttpRequest, case_id: int) -> HttpResponse:
    """The handling unit objects to how a case is counted."""
    actor, now = actor_of(request), now_of(request)
    case = case_for(actor, case_id)
    if request.method != "POST" and not may_appeal_case(actor, case, now):
        return _not_now(
            request, case.title, _("这件案件现在不能申诉：由责任单位在结案后的期限内，或得分表公示期内提出，每件一次。")
        )
    return _raise(
        request, Subject.CASE, terms_for(case.home).grounds, f"{case.number} {case.title}",
        [{"label": case.number, "url": reverse("web:desk:case", args=[case.pk])}],
        lambda plea, key: operations.appeal_case(case_id=case_id, plea=plea, by=actor, now=now, client_key=key),
    )  # fmt: skip


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 16 else None


@door(Permission.APPEAL_SEE)
@require_http_methods(["GET", "HEAD", "POST"])
def about_line(request: HttpRequest, sheet_id: int, unit_id: int) -> HttpResponse:
    """A street objects to a finding or a whole part of its line, while the sheet is shown."""
    actor, now, given = actor_of(request), now_of(request), request.GET
    sheet = sheet_for(actor, sheet_id)
    opened = line_for(actor, sheet_id, unit_id)
    window = window_of(sheet.corrects_id or sheet.pk)
    if window is None:
        return _not_now(request, opened.line.unit_name, _("这份得分表没有公示，不能申诉。"))
    crumbs = [{"label": _("得分"), "url": reverse("web:desk:score-line", args=[sheet_id, unit_id])}]
    grounds = terms_for(opened.line.unit).grounds
    finding, part = _number(given.get("finding", "")), given.get("part", "")
    if finding is not None and finding in opened.line.basis.get("field", {}).get("failed", []):
        return _raise(
            request, Subject.FINDING, grounds, _("%(unit)s：一条不合格判定") % {"unit": opened.line.unit_name}, crumbs,
            lambda plea, key: operations.appeal_finding(
                window_id=window.pk, finding_id=finding, plea=plea, by=actor, now=now, client_key=key
            ),
        )  # fmt: skip
    if not window.part_label(part):
        raise NotFound
    return _raise(
        request, Subject.PART, grounds, f"{opened.line.unit_name}：{window.part_label(part)}", crumbs,
        lambda plea, key: operations.appeal_part(
            window_id=window.pk, unit_id=unit_id, part=part, plea=plea, by=actor, now=now, client_key=key
        ),
    )  # fmt: skip


# --- the set times ---


class TermsForm(forms.Form):
    """Days and grounds of the branch."""

    appeal_days = forms.IntegerField(label=gettext_lazy("结案后几个工作日内可以申诉"))
    window_days = forms.IntegerField(
        label=gettext_lazy("得分表公示几个工作日"), help_text=gettext_lazy("填 0 须写明理由。")
    )
    window_note = forms.CharField(
        label=gettext_lazy("公示期为零的理由"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("会印在月排名里。"),
    )
    review_days = forms.IntegerField(label=gettext_lazy("每一级几个工作日内审完"))
    escalation_days = forms.IntegerField(
        label=gettext_lazy("不成立后几个工作日内可以申请复核"), help_text=gettext_lazy("填 0 表示决定后不再复核。")
    )
    grounds = forms.CharField(
        label=gettext_lazy("申诉理由，一行一条"), widget=forms.Textarea(attrs={"rows": 7}), required=False
    )

    def terms(self) -> Terms:
        """What was typed."""
        said = dict(self.cleaned_data)
        said["grounds"] = tuple(filter(None, (row.strip() for row in said["grounds"].splitlines())))
        return Terms(**said)


@door(Permission.APPEAL_TERMS)
@require_http_methods(["GET", "HEAD", "POST"])
def terms(request: HttpRequest) -> HttpResponse:
    """The set times and grounds of the chief's branch; what runs already keeps the times it began with."""
    scope = terms_scope(actor_of(request))
    own, holding = own_terms(scope), terms_for(scope)
    first = {name: getattr(holding, name) for name in TermsForm.base_fields} | {"grounds": "\n".join(holding.grounds)}
    form = TermsForm(request.POST if request.method == "POST" else None, initial=first)

    def act() -> HttpResponse:
        if not form.is_valid():
            raise Refused([f"{form.fields[name].label}：{rows[0]}" for name, rows in form.errors.items()])
        operations.put_terms(
            terms=form.terms(), by=actor_of(request), now=now_of(request), seen_version=seen_version(request)
        )
        messages.success(request, _("申诉规则已保存。正在公示和审核的仍按原来的期限。"))
        return redirect("web:desk:appeals")

    tried = attempt(request, act)
    context = {
        "form": form, "scope": scope, "version": own.version if own else "", "own": own, "objections": tried.objections,
        "crumbs": _crumbs(),
    }  # fmt: skip
    return tried.went or render(request, "desk/appeal_terms.html", context, status=tried.status)


urls = [
    path("appeals/", appeals, name="appeals"),
    path("appeals/terms/", terms, name="appeal-terms"),
    path("appeals/<int:appeal_id>/", appeal, name="appeal"),
    path("appeals/<int:appeal_id>/photos/<int:photo_id>/", photo, name="appeal-photo"),
    path("cases/<int:case_id>/appeal/", about_case, name="appeal-case"),
    path("scores/<int:sheet_id>/units/<int:unit_id>/appeal/", about_line, name="appeal-line"),
]
