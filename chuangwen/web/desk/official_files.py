"""Orders, whistle sheets, accountability files and replies upwards as official papers: .docx and .pdf of each."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from chuangwen.bulletins.accountability_paper import accountability_paper
from chuangwen.bulletins.order_paper import order_paper
from chuangwen.bulletins.reply_paper import reply_paper
from chuangwen.bulletins.whistle_paper import whistle_paper
from chuangwen.http import actor_of, door, now_of
from chuangwen.rules.official_paper import OfficialPaper
from chuangwen.rules.permissions import Permission
from chuangwen.web.paper_view import FILE_TYPES, official_file


def _file(request: HttpRequest, ending: str, make: Callable[..., OfficialPaper], row: int) -> HttpResponse:
    if ending not in FILE_TYPES:
        raise Http404
    paper = make(actor_of(request), row, now=now_of(request))
    return official_file(paper, f"{paper.number} {paper.title}".strip(), ending)


@door(Permission.ORDER_SEE)
@never_cache
@require_safe
def order(request: HttpRequest, order_id: int, ending: str) -> HttpResponse:
    """整改任务书 with the cases that this person may see."""
    return _file(request, ending, order_paper, order_id)


@door(Permission.WHISTLE_SEE)
@never_cache
@require_safe
def whistle(request: HttpRequest, whistle_id: int, ending: str) -> HttpResponse:
    """吹哨单."""
    return _file(request, ending, whistle_paper, whistle_id)


@door(Permission.ACCOUNTABILITY_SEE)
@never_cache
@require_safe
def accountability(request: HttpRequest, file_id: int, ending: str) -> HttpResponse:
    """问责案卷."""
    return _file(request, ending, accountability_paper, file_id)


@door(Permission.DIRECTIVE_SEE)
@never_cache
@require_safe
def reply(request: HttpRequest, directive_id: int, ending: str) -> HttpResponse:
    """上报回复."""
    return _file(request, ending, reply_paper, directive_id)


urls = [
    path("orders/<int:order_id>/paper.<str:ending>", order, name="order-paper"),
    path("whistles/<int:whistle_id>/paper.<str:ending>", whistle, name="whistle-paper"),
    path("accountability/<int:file_id>/paper.<str:ending>", accountability, name="accountability-paper"),
    path("directives/<int:directive_id>/reply.<str:ending>", reply, name="directive-reply-paper"),
]
