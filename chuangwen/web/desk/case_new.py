"""A report by hand at the desk: first where, then what."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from chuangwen.cases.reporting import report_case
from chuangwen.http import Context, actor_of, door, now_of
from chuangwen.places.queries import site_for, sites_in_scope
from chuangwen.rules.permissions import Permission
from chuangwen.rules.refusals import BadInput, NotFound, Refused
from chuangwen.web.desk.case_list import may_report
from chuangwen.web.desk.forms import PhotosField
from chuangwen.web.desk.standard_choice import find_standard_row, standard_options
from chuangwen.web.kept_photos import NOTHING_KEPT, Kept, keep, on_their_way
from chuangwen.web.looks import SEVERITY_LOOKS
from chuangwen.web.uploads import fresh_key, posted_position

MOST_SITES = 20


class ReportForm(forms.Form):
    """What is wrong and where; whether it is enough is for the operation to say."""

    title = forms.CharField(
        label=_("问题（必填）"),
        required=False,
        help_text=_("一句话，例如“楼道堆放杂物”。"),
        widget=forms.TextInput(attrs={"maxlength": 200, "required": True}),
    )
    place = forms.CharField(
        label=_("位置"),
        required=False,
        help_text=_("几号楼、哪个路口；没有选点位时必填。"),
        widget=forms.TextInput(attrs={"maxlength": 200}),
    )
    text = forms.CharField(
        label=_("具体情况"), required=False, widget=forms.Textarea(attrs={"rows": 3, "maxlength": 2000})
    )
    standard = forms.CharField(
        label=_("立案标准"),
        required=False,
        help_text=_("输入编码或小类，从列表里选；不清楚就空着，受理时再定。"),
        widget=forms.TextInput(attrs={"list": "cw-standards", "autocomplete": "off"}),
    )
    severity = forms.ChoiceField(
        label=_("等级"),
        required=False,
        choices=[(code, look.label) for code, look in SEVERITY_LOOKS.items()],
        widget=forms.RadioSelect,
    )
    photo = PhotosField(label=_("照片"), required=False)


def _found_sites(request: HttpRequest, text: str) -> Sequence[Any]:
    if not text:
        return ()
    wanted = Q(name__icontains=text) | Q(code__iexact=text) | Q(address__icontains=text)
    return list(sites_in_scope(actor_of(request)).filter(wanted, active=True).order_by("name")[: MOST_SITES + 1])


def _site_id(request: HttpRequest) -> int | None:
    text = request.POST.get("site") or request.GET.get("site") or ""
    return int(text) if text.isdecimal() and len(text) < 16 else None


def _page(
    request: HttpRequest, form: ReportForm, objections: Sequence[str] = (), kept: Kept = NOTHING_KEPT
) -> HttpResponse:
    site_id, text = _site_id(request), request.GET.get("where", "").strip()
    site = site_for(actor_of(request), site_id) if site_id is not None else None
    context: Context = {
        "form": form, "site": site, "where": text, "sites": _found_sites(request, text), "most_sites": MOST_SITES,
        "objections": objections, "posted": request.POST, "standard_options": standard_options(), "kept": kept,
        "anywhere": site is None and ("anywhere" in request.GET or request.method == "POST"),
        "client_key": request.POST.get("client_key") or fresh_key(),
    }  # fmt: skip
    return render(request, "desk/case_new.html", context, status=422 if objections else 200)


def _standard(text: str) -> tuple[Any, list[str]]:
    try:
        return (find_standard_row(text) if text.strip() else None), []
    except BadInput as refusal:
        return None, list(refusal.objections)


def _submit(request: HttpRequest) -> HttpResponse:
    form = ReportForm(request.POST, request.FILES)
    form.is_valid()
    said = {name: str(form.cleaned_data.get(name) or "") for name in form.fields}
    standard, unclear = _standard(said["standard"])
    with on_their_way(request) as (photos, objections):
        if objections or unclear:
            return _page(request, form, [*objections, *unclear], keep(request, photos))
        lng, lat = posted_position(request)
        try:
            case = report_case(
                title=said["title"], text=said["text"], place=said["place"], site_id=_site_id(request), lng=lng, lat=lat,
                standard=standard, severity=said["severity"] or "B", photo_ids=photos,
                client_key=request.POST.get("client_key", "")[:64] or None, by=actor_of(request), now=now_of(request),
            )  # fmt: skip
        except NotFound:
            raise
        except Refused as refusal:
            return _page(request, form, refusal.objections, keep(request, photos))
    messages.success(request, _("已上报，编号 %(number)s。") % {"number": case.number})
    return redirect("web:desk:case", case.pk)


@door(Permission.DASHBOARD_SEE)
@require_http_methods(["GET", "HEAD", "POST"])
def case_new(request: HttpRequest) -> HttpResponse:
    """Find the place, say what is wrong, add a picture."""
    if not may_report(request):
        messages.warning(request, str(_("您的岗位不上报案件；要交办一件事，请告诉文明办。")))
        return redirect("web:desk:cases")
    return _submit(request) if request.method == "POST" else _page(request, ReportForm(initial={"severity": "B"}))
