"""The interface put together: who may ask, how it says no, its nouns, its description."""

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.operation import Operation

from chuangwen import __version__
from chuangwen.api import campaigns, case_moves, cases, patrols, photos, sites
from chuangwen.api.auth import Session, Token
from chuangwen.api.errors import answer_refusals
from chuangwen.http import public

DESCRIPTION = (
    "给其他程序使用的接口：与网页相同的案件、巡查和点位办理，同样的权限，同样的留痕。"
    "请求带 `Authorization: Bearer 密钥`；答复里的时间是北京时间，收到的时间须带时区；坐标为 WGS-84。"
    "不予办理时答复 `objections`，一次说全所有原因。"
)


class Interface(NinjaAPI):
    """Short operation names; nothing of an answer is kept by caches on the way."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """The name of the function: unique, and told by a test if not."""
        return operation.view_func.__name__

    def create_temporal_response(self, request: HttpRequest) -> HttpResponse:
        """Answers hold names and places of work: never stored on the way."""
        response = super().create_temporal_response(request)
        response.headers["Cache-Control"] = "no-store"
        return response


api = Interface(
    title="创文接口",
    version=__version__,
    description=DESCRIPTION,
    urls_namespace="api",
    auth=[Token(), Session()],
    docs_decorator=public,
)
answer_refusals(api)
api.add_router("/cases", cases.router)
api.add_router("/cases", case_moves.router)
api.add_router("/patrols", patrols.router)
api.add_router("/campaigns", campaigns.router)
api.add_router("/sites", sites.router)
api.add_router("", photos.router)
