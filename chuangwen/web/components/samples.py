"""One example of every component, for the gallery and its test. The district, people and figures are made up."""

from datetime import datetime, timedelta
from typing import Any

from django import forms

from chuangwen.rules.case_flow import Status
from chuangwen.rules.permissions import Actor, PostFact, Role

MADE_UP_PICTURE = "/static/app/favicon.svg"


class SampleForm(forms.Form):
    """Every kind of input that the design dresses."""

    name = forms.CharField(label="点位名称", max_length=40, help_text="与现场门牌一致。")
    street = forms.ChoiceField(
        label="街道", choices=[("", "全部"), ("xl", "西林街道"), ("dh", "东河街道")], required=False
    )
    found_on = forms.DateField(label="发现日期", widget=forms.DateInput(attrs={"type": "date"}))
    severity = forms.ChoiceField(
        label="等级", choices=[("A", "重大"), ("B", "一般"), ("C", "轻微")], widget=forms.RadioSelect, initial="B"
    )
    note = forms.CharField(label="备注", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    photo = forms.FileField(label="照片", required=False)
    urgent = forms.BooleanField(label="加急办理", required=False)


class SampleFilter(forms.Form):
    """The conditions of a list."""

    q = forms.CharField(label="关键词", required=False)
    status = forms.ChoiceField(label="状态", choices=[("", "全部"), ("handling", "整改中")], required=False)
    street = forms.ChoiceField(label="街道", choices=[("", "全部"), ("xl", "西林街道")], required=False)
    overdue = forms.BooleanField(label="只看超期", required=False)


def frame_sample(active: str = "工作台") -> dict[str, Any]:
    """What the desk frame needs."""

    def item(label: str, icon: str, **more: Any) -> dict[str, Any]:
        return {"label": label, "url": "#", "icon": icon, "active": label == active, **more}

    nav: list[dict[str, Any]] = [
        item("工作台", "home", key="g h"),
        {
            "label": "问题整改",
            "children": [item("案件", "clipboard-list", count=128, key="g c"), item("待核查", "eye", count=12)],
        },
        {"label": "巡查", "children": [item("巡查任务", "route"), item("点位", "map-pin"), item("地图", "map")]},
        {"label": "考核", "children": [item("排名", "trophy"), item("通报", "news"), item("测评标准", "scale")]},
        {
            "label": "管理",
            "children": [item("单位和人员", "users"), item("操作记录", "history"), item("设置", "settings")],
        },
    ]
    post = PostFact(role=Role.OFFICE_CLERK, unit_id=1, unit_name="区文明办", unit_path="1", scope="1")
    actor = Actor(user_id=1, name="沈敏", posts=(post,))
    return {"nav": nav, "actor": actor, "search_url": "#", "site_note": "青川区文明办（样例）"}


def gallery_sample(now: datetime) -> dict[str, Any]:
    """What the gallery page shows."""
    return {
        "now": now,
        "statuses": [status.value for status in Status],
        "deadlines": _deadlines(now),
        "actions": [
            {"label": "导出", "url": "#", "icon": "download"},
            {"label": "新建巡查", "url": "#", "icon": "plus", "primary": True},
        ],
        "crumbs": [{"label": "案件", "url": "#"}, {"label": "西林街道", "url": "#"}],
        "tabs": [
            {"label": "待办", "url": "#", "active": True, "count": 12},
            {"label": "在办", "url": "#", "count": 1208},
            {"label": "已办", "url": "#"},
        ],
        "facts": _facts(),
        "events": _events(now),
        "before": {"url": MADE_UP_PICTURE, "taken_at": now - timedelta(days=2), "place": "西林路 18 号", "by": "周立"},
        "form": SampleForm(),
        "wrong_form": SampleForm({"name": "", "severity": "", "found_on": ""}, auto_id="wrong_%s"),
        "filter": SampleFilter({"status": "handling"}, auto_id="filter_%s"),
        "chart": _chart(),
        "stacked": _stacked(),
        "map": _map(),
    }


def _deadlines(now: datetime) -> list[dict[str, Any]]:
    return [
        {"due": now + timedelta(days=3, hours=4)},
        {"due": now + timedelta(hours=5, minutes=20)},
        {"due": now - timedelta(hours=3)},
        {"due": now + timedelta(days=3), "paused": True},
        {"due": now, "done_at": now - timedelta(hours=2)},
        {"due": now - timedelta(hours=7), "done_at": now - timedelta(hours=2)},
        {"due": None},
    ]


def _facts() -> list[dict[str, Any]]:
    return [
        {"label": "案件编号", "value": "20200628-0012"},
        {"label": "点位", "value": "西林菜市场", "url": "#"},
        {"label": "标准", "value": "通道、摊位前不得堆放货物，地面无积水、无垃圾"},
        {"label": "责任单位", "value": "西林街道办事处"},
        {"label": "挂账原因", "value": None},
    ]


def _events(now: datetime) -> list[dict[str, Any]]:
    photo = {"url": MADE_UP_PICTURE, "alt": "整改后的通道"}
    return [
        {"at": now, "title": "核查通过", "by": "周立", "tone": "good", "icon": "check"},
        {
            "at": now - timedelta(hours=5),
            "title": "提交整改",
            "by": "西林街道 · 韩冬",
            "note": "货物已移走，通道已清洗。",
            "tone": "accent",
            "icon": "send",
            "photos": [photo],
        },
        {"at": now - timedelta(days=1), "title": "派遣", "by": "沈敏", "note": "派西林街道办理，限 1 天。"},
        {"at": now - timedelta(days=40), "title": "上报", "by": "周立", "tone": "info", "icon": "flag"},
    ]


def _chart() -> dict[str, Any]:
    streets = [("西林街道", 93.4), ("东河街道", 91.2), ("新桥街道", 88.6), ("南园街道", 87.1), ("北闸街道", 81.9)]
    rows = [{"label": name, "values": [score], "href": "#"} for name, score in streets]
    return {"title": "6月各街道得分", "unit": "分", "series": ["得分"], "rows": rows, "horizontal": True}


def _stacked() -> dict[str, Any]:
    days = [
        ("6月22日", 41, 12, 3),
        ("6月23日", 38, 15, 2),
        ("6月24日", 52, 9, 6),
        ("6月25日", 12, 4, 0),
        ("6月28日", 47, 21, 5),
    ]
    rows = [{"label": day, "values": counts, "href": "#"} for day, *counts in days]
    return {"title": "每日案件", "unit": "件", "series": ["按期结案", "在办", "超期"], "rows": rows}


def _map() -> dict[str, Any]:
    square = [[120.85, 32.00], [120.89, 32.00], [120.90, 32.03], [120.86, 32.035], [120.85, 32.00]]
    places = [
        (120.862, 32.012, "西林菜市场", "late"),
        (120.874, 32.008, "东河小区", "due"),
        (120.881, 32.02, "新桥广场", "done"),
    ]
    states = {
        "late": {"label": "超期未整改", "tone": "bad"},
        "due": {"label": "整改中", "tone": "warn"},
        "done": {"label": "已整改", "tone": "good"},
    }
    points = [
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [lng, lat]},
         "properties": {"title": title, "state": state, "href": "#", "note": "样例点位"}}
        for lng, lat, title, state in places
    ]  # fmt: skip
    area = {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [square]},
        "properties": {"title": "西林街道"},
    }
    return {
        "boundaries": {"type": "FeatureCollection", "features": [area]},
        "points": {"type": "FeatureCollection", "features": points},
        "states": states,
    }
