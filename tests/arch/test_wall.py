"""The wall: the schema holds nothing that measures how much people use the system. See docs/decisions/0005-wall.md."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import models

ENGLISH = (
    *("checkin", "check_in", "clock_in", "online", "login_count", "last_login", "last_activity", "last_active"),
    *("last_seen", "track", "trajectory", "points_of", "streak", "badge", "likes_given", "usage", "screen_time"),
)
CHINESE = ("签到", "打卡", "在线时长", "登录次数", "积分", "轨迹", "点赞", "徽章", "活跃")

WHY = (
    "{name}（{label}）像是在统计人怎样使用系统。《关于防治“指尖上的形式主义”的若干意见》（中央网信委 2023 年 12 月）和"
    "《政务移动互联网应用程序规范化管理办法》（国务院办公厅 2026 年 1 月）不许以签到、积分排名、在线时长、"
    "点赞、轨迹考核基层，所以库里没有这样的列，也就没有人能拿它排名。如果它另有含义，请换一个说得清的名字；"
    "道理见 docs/decisions/0005-wall.md。"
)


def suspicious(name: str, label: str) -> bool:
    """Whether a model or column looks like a measure of use, by its name or its Chinese label."""
    return any(part in name.lower() for part in ENGLISH) or any(part in label for part in CHINESE)


def _our_models() -> Iterator[type[models.Model]]:
    for config in apps.get_app_configs():
        if config.name.startswith("chuangwen."):
            yield from config.get_models(include_auto_created=True)


def _names() -> Iterator[tuple[str, str]]:
    for model in _our_models():
        yield model.__name__, str(model._meta.verbose_name)
        for field in model._meta.get_fields():
            if isinstance(field, models.Field):
                yield f"{model.__name__}.{field.name}", str(field.verbose_name)


def test_no_column_measures_how_people_use_the_system() -> None:
    found = [WHY.format(name=name, label=label) for name, label in _names() if suspicious(name, label)]
    assert not found, "\n".join(found)


def test_the_schema_is_really_looked_at() -> None:
    names = {name for name, _ in _names()}
    assert {"User", "Case", "Event"} <= {name.split(".")[0] for name in names}
    assert "Event.kind" in names


def test_logging_in_leaves_no_last_login() -> None:
    names = {field.name for field in get_user_model()._meta.get_fields()}
    assert "last_login" not in names, WHY.format(name="User.last_login", label="上次登录")


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("Worker.last_login", "上次登录"),
        ("CheckIn", ""),
        ("Post.online_minutes", ""),
        ("Patrol.track", ""),
        ("Unit.n", "积分"),
    ],
)
def test_measures_of_use_are_found(name: str, label: str) -> None:
    assert suspicious(name, label)


@pytest.mark.parametrize(("name", "label"), [("Case.closed_at", "结案时间"), ("PointType.name", "点位类型")])
def test_facts_of_the_work_are_left_alone(name: str, label: str) -> None:
    assert not suspicious(name, label)
