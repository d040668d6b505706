"""留痕校验: the recorded roots of the journal, for anybody to hold against what was printed."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from chuangwen.http import now_of, public
from chuangwen.journal.queries import newest_root, recorded_roots
from chuangwen.web.desk.lists import list_page
from chuangwen.web.public.pages import briefly_kept


@public
@require_safe
@briefly_kept
def trace(request: HttpRequest) -> HttpResponse:
    """What the trace is, how to check it, and every recorded root, newest first."""
    page = list_page(request, recorded_roots(), size=24)
    return render(request, "public/trace.html", {"page": page, "newest": newest_root(), "now": now_of(request)})


urls = [path("trace/", trace, name="trace")]
