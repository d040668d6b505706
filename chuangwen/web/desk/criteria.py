"""One criterion of a draft: change it, with everything that would make the edition unsound named."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from chuangwen.http import actor_of, door, now_of
from chuangwen.rules.edition_fields import How, MethodKind, Severity
from chuangwen.rules.permissions import Permission
from chuangwen.rules.refusals import NotFound, Refused
from chuangwen.standards.listing import case_standard_choices, content_choices, criterion_with_code
from chuangwen.standards.operations import change_criterion
from chuangwen.standards.queries import edition_for, point_types
from chuangwen.web.desk.conflicts import differences, fingerprint
from chuangwen.web.desk.lists import set_choices

Pairs = Sequence[tuple[str, str]]


class CriterionForm(forms.Form):
    """All fields of a criterion but its code."""

    text = forms.CharField(label=gettext_lazy("标准"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    content_code = forms.ChoiceField(label=gettext_lazy("测评内容"))
    point_type = forms.ChoiceField(
        label=gettext_lazy("点位类型"),
        required=False,
        help_text=gettext_lazy("实地考察的标准必须选；材料、问卷可不选。"),
    )
    method = forms.ChoiceField(label=gettext_lazy("方法"), choices=[(m.value, m.label) for m in MethodKind])
    how = forms.MultipleChoiceField(
        label=gettext_lazy("查法"), choices=[(h.value, h.label) for h in How], widget=forms.CheckboxSelectMultiple
    )
    severity = forms.ChoiceField(
        label=gettext_lazy("等级"),
        choices=[(s.value, f"{s.value} {s.label}") for s in Severity],
        widget=forms.RadioSelect,
    )
    photo_on_fail = forms.BooleanField(label=gettext_lazy("不合格须拍照"), required=False)
    weight = forms.DecimalField(label=gettext_lazy("权重"), max_digits=6, decimal_places=3, min_value=0)
    threshold = forms.CharField(label=gettext_lazy("数量要求"), max_length=200, required=False)
    carve_outs = forms.CharField(
        label=gettext_lazy("不算问题的情形"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("看起来像问题、其实不扣分的。巡查员在手机上能看到。"),
    )  # fmt: skip
    case_standard = forms.CharField(
        label=gettext_lazy("立案标准编码"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("不合格时按哪一条立案；留空用默认时限。"),
    )
    source = forms.CharField(label=gettext_lazy("出处"), max_length=300, required=False)
    hint = forms.CharField(
        label=gettext_lazy("提示"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("怎样看、看到什么程度。留空时手机上显示数量要求和不算问题的情形。"),
    )
    note_on_fail = forms.BooleanField(label=gettext_lazy("不合格须说明"), required=False)
    relevant = forms.CharField(
        label=gettext_lazy("出现条件"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("不是每个点位都查的，写明什么时候查，如 ${has_canteen} = 'yes'；留空则都查。"),
    )
    # Django takes fields out of the class before its own `media` comes in, so the name is free.
    media = forms.CharField(  # type: ignore[assignment]  # see above
        label=gettext_lazy("图片"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("示意图的文件名，如 sign.png。"),
    )
    text_en = forms.CharField(label=gettext_lazy("英文"), max_length=300, required=False)
    hint_en = forms.CharField(label=gettext_lazy("英文提示"), max_length=300, required=False)

    def __init__(self, *args: Any, contents: Pairs, types: Pairs, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["case_standard"].widget.attrs["list"] = "case-standards"
        set_choices(self, "content_code", list(contents))
        set_choices(self, "point_type", [("", _("不限")), *types])

    def clean(self) -> dict[str, Any]:
        """A browser ends lines with two signs, a workbook with one."""
        facts = super().clean() or {}
        return {name: value.replace("\r\n", "\n") if isinstance(value, str) else value for name, value in facts.items()}


def _facts(edition_id: int, code: str) -> dict[str, Any]:
    facts = asdict(criterion_with_code(edition_id, code))
    facts.pop("code")
    return facts | {"how": list(facts["how"])}


@door(Permission.STANDARD_EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def criterion(request: HttpRequest, edition_id: int, code: str) -> HttpResponse:
    """Change one criterion of a draft."""
    edition = edition_for(edition_id)
    facts = _facts(edition_id, code)
    if edition.is_published:
        messages.warning(request, _("这个版次已经发布，不能再改。请先新建一个版次。"))
        return redirect("web:desk:edition", edition_id)
    options: dict[str, Any] = {
        "contents": content_choices(edition_id), "types": [(kind.code, kind.name) for kind in point_types()],
    }  # fmt: skip
    seen = fingerprint(facts)
    context: dict[str, Any] = {
        "edition": edition, "code": code, "seen": seen, "case_standards": case_standard_choices(),
        "crumbs": [
            {"label": _("测评标准"), "url": reverse("web:desk:editions")},
            {"label": str(edition), "url": reverse("web:desk:edition", args=[edition_id])},
        ],
    }  # fmt: skip
    if request.method != "POST":
        return render(request, "desk/criterion.html", context | {"form": CriterionForm(initial=facts, **options)})
    form = CriterionForm(request.POST, **options)
    status = 422
    if form.is_valid():
        rows = differences(form, facts)
        if rows and request.POST.get("seen", seen) != seen:
            context["conflict"], status = rows, 409
        elif _save(request, edition_id, code, form):
            messages.success(request, _("%(code)s 已保存。") % {"code": code} if rows else _("没有改动。"))
            return redirect(f"{reverse('web:desk:edition', args=[edition_id])}?q={code}")
    return render(request, "desk/criterion.html", context | {"form": form}, status=status)


def _save(request: HttpRequest, edition_id: int, code: str, form: CriterionForm) -> bool:
    changes: Any = form.cleaned_data | {"how": tuple(form.cleaned_data["how"])}
    try:
        change_criterion(edition_id=edition_id, code=code, by=actor_of(request), now=now_of(request), **changes)
    except NotFound:
        raise
    except Refused as refusal:
        for sentence in refusal.objections:
            form.add_error(None, sentence)
        return False
    return True


urls = [path("editions/<int:edition_id>/criteria/<str:code>/", criterion, name="criterion")]
