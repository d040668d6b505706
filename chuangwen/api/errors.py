"""How a refusal becomes JSON: always `objections`, sentences for a person, every one of them at once."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI, Schema
from ninja.errors import HttpError, ValidationError

from chuangwen.rules.refusals import BadInput, Conflict, NotFound, Refused


class Refusal(Schema):
    """Why not; nothing was changed."""

    objections: list[str]


class ConflictRefusal(Refusal):
    """Somebody else was faster: the words that you sent, and the words that they left."""

    yours: str
    theirs: str


# What pydantic objects to, said for a person. {field}: the name as sent; the rest comes with the error.
_SENTENCES = {
    "missing": "缺少 {field}。",
    "extra_forbidden": "不认识 {field}，请检查拼写。",
    "int_type": "{field} 应是整数。",
    "int_parsing": "{field} 应是整数。",
    "int_from_float": "{field} 应是整数。",
    "int_parsing_size": "{field} 太大了。",
    "float_type": "{field} 应是数字。",
    "float_parsing": "{field} 应是数字。",
    "finite_number": "{field} 应是数字。",
    "bool_type": "{field} 应是 true 或 false。",
    "bool_parsing": "{field} 应是 true 或 false。",
    "string_type": "{field} 应是文字。",
    "string_unicode": "{field} 里有无法识别的字符。",
    "nul": "{field} 里有不能保存的控制字符。",
    "string_too_short": "{field} 至少要 {min_length} 个字。",
    "string_too_long": "{field} 最多 {max_length} 个字。",
    "tuple_type": "{field} 应是列表。",
    "too_long": "{field} 最多 {max_length} 项。",
    "greater_than_equal": "{field} 不能小于 {ge}。",
    "less_than_equal": "{field} 不能大于 {le}。",
    "datetime_type": "{field} 应是时间，例如 2020-06-28T11:00:00+08:00。",
    "datetime_parsing": "{field} 应是时间，例如 2020-06-28T11:00:00+08:00。",
    "datetime_from_date_parsing": "{field} 应是时间，例如 2020-06-28T11:00:00+08:00。",
    "timezone_aware": "{field} 须写明时区，例如 2020-06-28T11:00:00+08:00。",
    "literal_error": "{field} 不在可选的值里：{expected}。",
    "enum": "{field} 不在可选的值里：{expected}。",
}
_OF_HTTP = {
    400: "请求正文不是有效的 JSON。",
    401: "请先登录，或在 Authorization 里带上有效的密钥。",
    403: "页面已过期，请刷新后重试。",
}


def sentence(error: dict[str, Any]) -> str:
    """One objection of the schema as a Chinese sentence that names the field."""
    names = [f"第 {part + 1} 项" if isinstance(part, int) else str(part) for part in error["loc"]]
    wrapped = names[1:] if names[0] != "body" else names[2:]
    field = " ".join(wrapped) or "请求正文"
    return _SENTENCES.get(error["type"], "{field} 的值不符合要求。").format(field=field, **error.get("ctx", {}))


def _say(status: int, objections: list[str], **more: str) -> HttpResponse:
    return JsonResponse({"objections": objections, **more}, status=status, json_dumps_params={"ensure_ascii": False})


def _of_schema(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    return _say(422, [sentence(row) for row in error.errors])


def _of_http(_request: HttpRequest, error: HttpError) -> HttpResponse:
    response = _say(error.status_code, [_OF_HTTP.get(error.status_code, "请求不能处理。")])
    if error.status_code == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _bad_input(_request: HttpRequest, refusal: BadInput) -> HttpResponse:
    return _say(400, list(refusal.objections))


def _refused(_request: HttpRequest, refusal: Refused) -> HttpResponse:
    return _say(403, list(refusal.objections))


def _not_found(_request: HttpRequest, refusal: NotFound) -> HttpResponse:
    return _say(404, list(refusal.objections))


def _conflict(_request: HttpRequest, refusal: Conflict) -> HttpResponse:
    return _say(409, list(refusal.objections), yours=refusal.yours, theirs=refusal.theirs)


def answer_refusals(api: NinjaAPI) -> None:
    """Teach the interface to say no the way the house does."""
    api.exception_handler(ValidationError)(_of_schema)
    api.exception_handler(HttpError)(_of_http)
    api.exception_handler(BadInput)(_bad_input)
    api.exception_handler(Refused)(_refused)
    api.exception_handler(NotFound)(_not_found)
    api.exception_handler(Conflict)(_conflict)


def answers(shape: Any, status: int = 200, *, conflict: bool = False) -> dict[Any, Any]:
    """Everything an endpoint may answer, for the description of the interface."""
    refusals: dict[Any, Any] = {frozenset({400, 401, 403, 404, 422}): Refusal}
    return {status: shape, **refusals, **({409: ConflictRefusal} if conflict else {})}
