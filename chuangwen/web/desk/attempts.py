"""What pages do with a refusal: the sentence goes back onto the page, nothing typed is lost."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from chuangwen.http import actor_of, now_of
from chuangwen.rules.refusals import Conflict, NotFound, Refused


@dataclass(frozen=True)
class Attempt:
    """What came of a page that asks before it acts: where to go on, or why not and with which status."""

    went: HttpResponse | None = None
    objections: Sequence[str] = ()
    status: int = 200


def attempt(request: HttpRequest, act: Callable[[], HttpResponse]) -> Attempt:
    """Act when the page was sent off; looking at it only asks. What the person may not see stays not found."""
    if request.method != "POST":
        return Attempt()
    try:
        return Attempt(went=act())
    except NotFound:
        raise
    except Refused as refusal:
        return Attempt(objections=refusal.objections, status=409 if isinstance(refusal, Conflict) else 422)


def seen_version(request: HttpRequest) -> int | None:
    """The version that the person had before the eyes."""
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else None


@dataclass(frozen=True)
class Entry:
    """What a form of reference data saves: the operation, what the thing is called, and its page."""

    put: Callable[..., tuple[Any, bool]]
    sentence: str
    route: str


def saved_entry(request: HttpRequest, form: forms.Form, code: str, entry: Entry) -> HttpResponse | None:
    """Save a sound form and go to the thing's page; None when there is something to object to."""
    if not form.is_valid():
        return None
    facts = dict(form.cleaned_data)
    code = str(facts.pop("code", "")) or code
    try:
        saved, changed = entry.put(code=code, by=actor_of(request), now=now_of(request), **facts)
    except Refused as refusal:
        for sentence in refusal.objections:
            form.add_error(None, sentence)
        return None
    messages.success(request, entry.sentence % {"name": saved.name} if changed else _("没有改动。"))
    return redirect(entry.route, saved.pk)
