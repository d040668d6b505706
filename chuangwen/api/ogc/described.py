"""The OpenAPI 3.0 description that the standard asks for (/req/core/api-definition-op)."""

from typing import Any

_FEATURES = {"content": {"application/geo+json": {"schema": {"type": "object"}}}, "description": "要素"}
_JSON = {"content": {"application/json": {"schema": {"type": "object"}}}, "description": "说明"}
_ERROR = {"$ref": "#/components/responses/Error"}


def _parameter(name: str, words: str, schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": words, "schema": schema, **more}


_FORMAT = _parameter("f", "答复的格式", {"type": "string", "enum": ["json", "geojson"]})
_NUMBERS = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}
_ITEMS = [
    _parameter("bbox", "西,南,东,北（WGS-84）", _NUMBERS, style="form", explode=False),
    _parameter("datetime", "时刻，或“起/止”，不限的一端写 ..", {"type": "string"}, style="form", explode=False),
    _parameter(
        "limit", "一页多少条", {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}, style="form", explode=False
    ),
    _parameter("after", "上一页最后一条；照 next 链接走即可", {"type": "integer", "minimum": 0}),
    _FORMAT,
]  # fmt: skip


def _get(summary: str, good: dict[str, Any], parameters: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "get": {
            "summary": summary, "operationId": summary, "parameters": parameters,
            "responses": {"200": good, "400": _ERROR, "404": _ERROR},
        }
    }  # fmt: skip


def described(server: str, collections: list[str]) -> dict[str, Any]:
    """Every address of the interface; the collections are spelt out, as QGIS and GDAL expect."""
    paths = {
        "/": _get("landing", _JSON, [_FORMAT]),
        "/conformance": _get("conformance", _JSON, [_FORMAT]),
        "/api": _get("api", _JSON, [_FORMAT]),
        "/collections": _get("collections", _JSON, [_FORMAT]),
    }
    for name in collections:
        key = {"name": "featureId", "in": "path", "required": True, "schema": {"type": "string"}}
        paths[f"/collections/{name}"] = _get(f"{name}", _JSON, [_FORMAT])
        paths[f"/collections/{name}/items"] = _get(f"{name}.items", _FEATURES, _ITEMS)
        paths[f"/collections/{name}/items/{{featureId}}"] = _get(f"{name}.item", _FEATURES, [key, _FORMAT])
    error = {"description": "不能答复的原因", "content": {"application/json": {"schema": {"type": "object"}}}}
    return {
        "openapi": "3.0.3",
        "info": {"title": "文明创建开放数据", "version": "1.0.0"},
        "servers": [{"url": server}],
        "paths": paths,
        "components": {"responses": {"Error": error}},
    }
