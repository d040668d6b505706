"""Who asks: a program with a key of a person, or one of our own pages in a session."""

from django.http import HttpRequest
from ninja.security import HttpBearer, SessionAuth

from chuangwen.http import actor_of, now_of
from chuangwen.people.queries import user_by_token
from chuangwen.rules.permissions import Actor, Permission, may
from chuangwen.rules.refusals import Refused


def _acting(request: HttpRequest) -> Actor:
    """The actor with the posts of today; nobody acts before a password that was set for them is changed."""
    if request.user.is_authenticated and request.user.must_change_password:
        raise Refused("请先登录网页修改密码，再使用接口。")
    return actor_of(request)


class Token(HttpBearer):
    """`Authorization: Bearer cw_…`: the program acts as the person who issued the key."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        """The actor, None when the key is unknown or revoked."""
        user = user_by_token(token, now_of(request))
        if user is None:
            return None
        request.user = user
        return _acting(request)


class Session(SessionAuth):
    """Our own pages: the session cookie, and the CSRF token on everything that changes something."""

    def __call__(self, request: HttpRequest) -> Actor | None:
        """A wrong key stays wrong, even where a session is open too."""
        if "Authorization" in request.headers or not request.user.is_authenticated:
            return None
        actor: Actor | None = super().__call__(request)
        return actor

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:  # noqa: ARG002  # the session middleware read it
        """The actor of the session."""
        return _acting(request)


def asks(request: HttpRequest, permission: Permission) -> Actor:
    """Who asks, when the map lets them; otherwise a refusal."""
    actor = actor_of(request)
    if not may(actor, permission):
        raise Refused("您的岗位不能使用这个接口。")
    return actor
