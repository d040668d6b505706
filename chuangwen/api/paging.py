"""What lists share: no misspelt filter, pages by key, the address of the next one."""

from django.http import HttpRequest
from pydantic import BaseModel

from chuangwen.rules.refusals import BadInput

MOST_ON_A_PAGE = 200


def known_only(request: HttpRequest, shape: type[BaseModel]) -> None:
    """Refuse query parameters that the list does not know: a misspelt filter must not show everything."""
    unknown = [name for name in request.GET if name not in shape.model_fields]
    if unknown:
        raise BadInput([f"不认识 {name}，请检查拼写。" for name in unknown])


def next_address(request: HttpRequest, key: str) -> str:
    """The address of the next page, empty when this is the last."""
    if not key:
        return ""
    query = request.GET.copy()
    query["after"] = key
    return f"{request.path}?{query.urlencode()}"
