"""Addresses of Open311. The ending names the spelling; without one the standard's first spelling, XML."""

from typing import Any

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from chuangwen.api.open311 import requests, services, updates

app_name = "open311"


class Spelling(StringConverter):
    """json or xml."""

    regex = "json|xml"


class Word(StringConverter):
    """A code, number or token: no dot, so that the ending is never part of it."""

    regex = "[^/.]+"


register_converter(Spelling, "spelling")
register_converter(Word, "word")


def _both(address: str, view: Any, name: str) -> list[Any]:
    return [
        path(f"{address}.<spelling:form>", view, name=name),
        path(address, view, {"form": "xml"}, name=f"{name}-plain"),
    ]


urlpatterns = [
    path("", services.discovery, {"form": "xml"}, name="base"),
    *_both("discovery", services.discovery, "discovery"),
    *_both("services", services.service_list, "services"),
    *_both("services/<word:code>", services.definition, "service"),
    *_both("requests", requests.requests, "requests"),
    *_both("requests/<word:number>", requests.one, "request"),
    *_both("tokens/<word:word>", requests.token, "token"),
    *_both("servicerequestupdates", updates.request_updates, "updates"),
]
