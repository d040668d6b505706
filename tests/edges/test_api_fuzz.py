"""Strange requests by schemathesis, built from the description of the interface: whatever comes, no address falls over.

A few for each address here, always the same ones; docs/guides/open-data.md says how to send ten thousand.
"""

import json
import os
from typing import Any, cast

import pytest
import schemathesis
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings

from chuangwen.api.main import api
from chuangwen.people.operations import issue_token
from chuangwen.rules.case_flow import Status
from tests.rounds import small_patrol
from tests.world import NOW, World

pytestmark = pytest.mark.embedded
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "1"))
QUICK = settings(
    max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


def send(client: Client, base: str, request: Any, known: dict[str, Any], *, real: bool) -> int:
    """The request as schemathesis made it, `real`: about things that are there. Returns the status."""
    given_ids = dict(request.path_parameters or {})
    if real:
        request.path_parameters = {name: known.get(name, value) for name, value in given_ids.items()}
    path = base + request.formatted_path
    more: dict[str, Any] = {"query_params": _plain(request.query)}
    if request.media_type == "multipart/form-data":
        body = request.body if isinstance(request.body, dict) else {}
        files = {name: SimpleUploadedFile("x", str(value).encode(errors="replace")) for name, value in body.items()}
        return client.post(path, files, **more).status_code
    if isinstance(request.body, dict | list | str | int | float | bool) or request.body is None:
        more |= {"data": json.dumps(request.body), "content_type": "application/json"}
    return client.generic(request.method, path, **more).status_code


def _plain(query: Any) -> dict[str, Any]:
    """Query parameters as the address can carry them."""
    return {
        name: [str(one) for one in value] if isinstance(value, list) else str(value)
        for name, value in dict(query or {}).items()
    }


@pytest.mark.parametrize(("description", "base"), [("api", ""), ("ogc", "/ogc")])
def test_nothing_that_is_sent_makes_an_address_fall_over(
    world: World, wednesday: None, description: str, base: str
) -> None:
    client = Client(raise_request_exception=False)
    if description == "api":
        token = issue_token(name="fuzz", by=world.actor("clerk"), now=NOW)
        client = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {token}"})
        schema = schemathesis.openapi.from_dict(api.get_openapi_schema(path_prefix="/api/"))
    else:
        schema = schemathesis.openapi.from_dict(Client().get("/ogc/api").json())
    case, patrol = world.case_at(Status.HANDLING), small_patrol(world)
    known = {"case_id": case.pk, "patrol_id": patrol.pk, "site_id": world.compound.pk, "featureId": case.number}
    fell: list[str] = []
    seen: set[int] = set()
    for found in schema.get_all_operations():
        operation = cast(Any, found).ok()

        @QUICK
        @given(request=operation.as_strategy())
        def run(request: Any) -> None:
            for real in (True, False):
                status = send(client, base, request, known, real=real)
                seen.add(status)
                if status >= 500:
                    fell.append(f"{request.method} {request.formatted_path} {request.query} {request.body!r}")

        run()
    assert not fell, "\n".join(fell[:10])
    assert {200, 404} <= seen  # it was really the interface that was asked
