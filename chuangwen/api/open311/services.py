"""What can be reported: discovery, the services, and of each its attributes."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from chuangwen.api.open311.answers import Answer, open311
from chuangwen.opendata.queries import ANY, Service, service_for, services

CHANGESET = "2026-11-23T00:00:00+08:00"  # when the surface of this server last changed
CRITERION, OTHER_WORDS = "criterion", "选一条没有做到的要求；都不是时不选，在说明里写清楚。"


@open311("GET", "HEAD")
def discovery(request: HttpRequest, form: str) -> Answer:  # noqa: ARG001  # the door reads the form
    """Where the server is and what it speaks (GeoReport v2, service discovery)."""
    here = request.build_absolute_uri(reverse("open311:base"))
    endpoint = {
        "specification": "http://wiki.open311.org/GeoReport_v2", "url": here.rstrip("/"), "changeset": CHANGESET,
        "type": "production", "formats": ["text/xml", "application/json"],
    }  # fmt: skip
    keys = "密钥由本区系统管理员在“系统—接入密钥”发放；只有提交反映和补充说明要密钥，查询不要。"
    contact = request.build_absolute_uri(reverse("web:public:open-data"))
    return "discovery", {
        "changeset": CHANGESET,
        "contact": contact,
        "key_service": keys,
        "endpoints": [endpoint],
    }


@open311("GET", "HEAD")
def service_list(_request: HttpRequest, form: str) -> Answer:  # noqa: ARG001
    """Every service."""
    return "services", [_listed(service) for service in services()]


def _listed(service: Service) -> dict[str, Any]:
    return {
        "service_code": service.code,
        "service_name": service.name,
        "description": f"{service.name}的环境、秩序、设施等问题",
        "metadata": service.code != ANY,
        "type": "realtime",
        "keywords": service.name,
        "group": "文明创建",
    }


@open311("GET", "HEAD")
def definition(_request: HttpRequest, code: str, form: str) -> Answer:  # noqa: ARG001
    """The attributes of one service: which requirement of the edition in force is not met."""
    service = service_for(code)
    values = [{"key": row.code, "name": row.text} for row in service.criteria]
    attribute = {
        "variable": True, "code": CRITERION, "datatype": "singlevaluelist", "required": False,
        "datatype_description": OTHER_WORDS, "order": 1, "description": "哪一条没有做到", "values": values,
    }  # fmt: skip
    attributes = [attribute] if values else []
    return "service_definition", {"service_code": service.code, "attributes": attributes}
