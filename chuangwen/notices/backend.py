"""Who is logged in, with their posts and the number for the bell at the head of every page: one statement for all."""

from typing import Any, cast

from django.contrib.auth.backends import ModelBackend

from chuangwen.notices.queries import people_with_unread, unread_of
from chuangwen.people.models import User
from chuangwen.people.queries import posts_with_person


class Backend(ModelBackend):
    """Django's own way of logging in; only the row of a logged-in person carries `unread` and their posts as well."""

    def get_user(self, user_id: Any) -> User | None:
        """The person with this number, when the account is in use."""
        user = _holder(user_id) or people_with_unread().filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None


def _holder(user_id: Any) -> User | None:
    """A person through their posts; None for somebody without any."""
    posts = list(posts_with_person(user_id).annotate(unread=unread_of("user_id")))
    if not posts:
        return None
    user: Any = posts[0].user  # `unread` is no field
    user.posts_brought, user.unread = posts, posts[0].unread
    return cast(User, user)
