"""Cases at the desk: the list, one case, its photos, saved conditions, the list as a workbook."""

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from chuangwen.cases.filters import CaseFilter, narrowed
from chuangwen.cases.queries import case_for, case_photo_for, for_export
from chuangwen.cases.views import forget_view, save_view
from chuangwen.evidence.queries import open_photo
from chuangwen.http import actor_of, door, now_of
from chuangwen.rules.permissions import Permission
from chuangwen.rules.refusals import BadInput, NotFound, Refused
from chuangwen.web.desk.case_export import MOST_ROWS, workbook
from chuangwen.web.desk.case_list import NAMES, filter_words, list_context, read_filter
from chuangwen.web.desk.case_new import case_new
from chuangwen.web.desk.case_page import case_context
from chuangwen.web.photos import photo_response


@door(Permission.DASHBOARD_SEE)
@require_safe
def case_list(request: HttpRequest) -> HttpResponse:
    """The cases that the address asks for, how many there are and why these."""
    context = list_context(request)
    return render(request, "desk/cases.html", context, status=422 if context["objections"] else 200)


@door(Permission.DASHBOARD_SEE)
@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    """Exactly the filtered list, as a workbook."""
    actor, now = actor_of(request), now_of(request)
    wanted, unit, offered = read_filter(request)
    if narrowed(actor, wanted, now).order_by()[: MOST_ROWS + 1].count() > MOST_ROWS:
        raise BadInput(_("超过 %(most)s 件，导不出来，请再加条件缩小范围。") % {"most": f"{MOST_ROWS:,}"})
    words = filter_words(wanted, unit, offered, ())
    file = workbook(for_export(actor, wanted, now), words=words, by=actor.name, now=now)
    name = _("案件_%(moment)s.xlsx") % {"moment": f"{now:%Y%m%d_%H%M}"}
    response = FileResponse(file, as_attachment=True, filename=name)
    response["Cache-Control"] = "private, no-store"
    return response


@door(Permission.DASHBOARD_SEE)
@never_cache
@require_safe
def case(request: HttpRequest, case_id: int) -> HttpResponse:
    """One case."""
    return render(request, "desk/case.html", case_context(request, case_for(actor_of(request), case_id)))


@door(Permission.DASHBOARD_SEE)
@require_safe
def case_photo(request: HttpRequest, case_id: int, photo_id: int) -> HttpResponseBase:
    """A photo of a case, through the door of the case."""
    row = case_photo_for(actor_of(request), case_id, photo_id)
    try:
        return photo_response(open_photo(row.photo, small=request.GET.get("small") == "1"))
    except FileNotFoundError as error:
        raise NotFound(_("照片文件不在了，请联系系统管理员。")) from error


@door(Permission.DASHBOARD_SEE)
@require_POST
def keep_view(request: HttpRequest) -> HttpResponse:
    """Save the conditions of the list under a name; refused: the same list again."""
    name = request.POST.get("name", "")
    query = CaseFilter.read({field: request.POST.get(field, "") for field in NAMES}).query()
    try:
        view = save_view(name=name, query=query, by=actor_of(request), now=now_of(request))
    except Refused as refusal:
        request.GET = QueryDict(query)
        context = list_context(request) | {"view_objections": refusal.objections, "view_name": name}
        return render(request, "desk/cases.html", context, status=422)
    messages.success(request, _("已存为常用条件“%(name)s”。") % {"name": view.name})
    return redirect(f"{reverse('web:desk:cases')}?{query}")


@door(Permission.DASHBOARD_SEE)
@require_POST
def drop_view(request: HttpRequest, view_id: int) -> HttpResponse:
    """Delete one of the person's own saved conditions."""
    forget_view(view_id=view_id, by=actor_of(request), now=now_of(request))
    messages.success(request, _("已删去这组常用条件。"))
    return redirect("web:desk:cases")


urls = [
    path("cases/", case_list, name="cases"),
    path("cases/export.xlsx", export, name="cases-export"),
    path("cases/views/", keep_view, name="case-views"),
    path("cases/views/<int:view_id>/forget/", drop_view, name="case-view-forget"),
    path("cases/new/", case_new, name="case-new"),
    path("cases/<int:case_id>/", case, name="case"),
    path("cases/<int:case_id>/photos/<int:photo_id>/", case_photo, name="case-photo"),
]
