"""Every component as a person meets it: its words, its links, and whether it can be used without seeing or without script."""

import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.utils import translation

from chuangwen.web.components.samples import frame_sample, gallery_sample
from chuangwen.web.looks import TONES
from tests.paths import ROOT

NOW = datetime(2020, 6, 28, 6, 5, tzinfo=UTC)
WEB = ROOT / "chuangwen" / "web"
COMPONENTS = sorted((WEB / "components" / "templates" / "components").glob("*.html"))
VOID = {"meta", "link", "input", "img", "br", "hr"}
DRAWN = {"path", "use"}  # SVG shapes, closed by themselves or explicitly
CHINESE = re.compile(r"[\u4e00-\u9fff]+")


class Page(HTMLParser):
    """What a page consists of: balanced tags, ids, what each label and reference points to, the words of each control."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.open: list[tuple[str, dict[str, str | None]]] = []
        self.faults: list[str] = []
        self.ids: list[str] = []
        self.references: list[str] = []
        self.text: list[str] = []
        self.labelled_at: list[int] = []
        self.controls: list[dict[str, str | None]] = []
        self.feed(markup)
        self.close()
        self.faults += [f"未闭合 <{tag}>" for tag, _ in self.open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids += [given["id"] or ""] if "id" in given else []
        pointers = ("for", "aria-labelledby", "aria-describedby", "aria-controls")
        self.references += [name for key in pointers for name in (given.get(key) or "").split()]
        if tag == "img":
            self.text.append(given.get("alt") or "")
            self.faults += [] if given.get("alt") else [f"图片没有说明：{given.get('src')}"]
        if tag in {"input", "select", "textarea"} and given.get("type") != "hidden":
            in_label = any(name == "label" for name, _ in self.open)
            self.controls.append(given | {"in_label": "yes" if in_label else None})
        if tag not in VOID:
            self.open.append((tag, given))
            self.labelled_at.append(len(self.text))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in DRAWN:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1][0] != tag:
            self.faults.append(f"</{tag}> 没有对应的开头（{self.getpos()}）")
            return
        _, given = self.open.pop()
        words = "".join(self.text[self.labelled_at.pop() :]).strip()
        named = words or given.get("aria-label") or given.get("aria-labelledby")
        if tag in {"a", "button", "summary"} and not named:
            self.faults.append(f"<{tag}> 没有名字（{self.getpos()}）")

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1][0] != "script":
            self.text.append(data)

    @property
    def words(self) -> str:
        """What stands on the page, without scripts."""
        return " ".join("".join(self.text).split())

    def objections(self) -> list[str]:
        """Everything that would stop a browser, a keyboard or a screen reader."""
        twice = [f"id 重复：{name}" for name in set(self.ids) if self.ids.count(name) > 1]
        lost = [f"指向不存在的 id：{name}" for name in self.references if name not in self.ids]
        unnamed = [
            f"输入框没有标签：{control.get('name') or control.get('id')}"
            for control in self.controls
            if not control["in_label"] and not control.get("aria-label") and control.get("aria-hidden") != "true"
            if control.get("id") not in self.references
        ]
        return self.faults + twice + lost + unnamed


def _component(name: str, **context: Any) -> str:
    return render_to_string(f"components/{name}.html", {"now": NOW, **context})


def _page(template: str, **context: Any) -> Page:
    request = RequestFactory().get("/somewhere/")
    return Page(render_to_string(template, frame_sample() | context, request=request))


def _gallery() -> Page:
    return _page("desk/gallery.html", **gallery_sample(NOW), objections=["案件已由别人签收。"])


# --- all of them -------------------------------------------------------------------------------------------------


def test_the_gallery_shows_every_component() -> None:
    shown = (WEB / "templates" / "desk" / "gallery.html").read_text(encoding="utf-8")
    shown += (WEB / "components" / "templates" / "components" / "form_field.html").read_text(encoding="utf-8")
    assert [path.stem for path in COMPONENTS if f"components/{path.name}" not in shown] == []


@pytest.mark.parametrize("path", COMPONENTS, ids=lambda path: path.stem)
def test_every_component_says_its_options(path: Path) -> None:
    options = path.read_text(encoding="utf-8").split("{% endcomment %}")[0]
    assert "{% comment %}" in options
    assert len(options.splitlines()) >= 3


LONE_PAGES: list[tuple[str, dict[str, Any]]] = [
    ("registration/login.html", {"objections": ["账号或密码不对。"], "lockout_failures": 5, "lockout_minutes": 15}),
    ("registration/password_change.html", {"cancel_url": "/desk/"}),
    ("403_csrf.html", {}),
    *((f"errors/{code}.html", {"objections": ["案件已由别人签收。"]}) for code in (400, 403, 404, 409, 429, 500)),
]


@pytest.mark.parametrize(("template", "context"), LONE_PAGES, ids=[template for template, _ in LONE_PAGES])
def test_log_in_and_error_pages_can_be_read_and_used(template: str, context: dict[str, Any]) -> None:
    page = _page(template, **context)
    assert page.objections() == []
    assert all(sentence in page.words for sentence in context.get("objections", []))


@pytest.mark.parametrize("base", ["desk/gallery.html", "field/base.html", "public/base.html"])
def test_a_frame_can_be_read_and_used(base: str) -> None:
    page = _gallery() if base == "desk/gallery.html" else _page(base)
    assert page.objections() == []
    assert "跳到正文" in page.words


@pytest.mark.parametrize(("template", "_context"), LONE_PAGES, ids=[template for template, _ in LONE_PAGES])
def test_log_in_and_error_pages_speak_english(template: str, _context: dict[str, Any]) -> None:
    with translation.override("en"):
        words = _page(template, site_note="", lockout_failures=5, lockout_minutes=15).words
    assert set(CHINESE.findall(words)) <= {"文"}  # the seal


def test_an_error_page_of_the_server_needs_no_request() -> None:
    assert "系统出错了" in Page(render_to_string("500.html")).words


def test_an_unknown_address_is_answered_with_a_page_for_people(client: Client) -> None:
    answer = client.get("/no-such-page/")
    assert answer.status_code == 404
    assert "没有找到这个页面" in Page(answer.content.decode()).words


def test_log_in_never_shows_what_the_database_keeps_of_a_password() -> None:
    account = {"username": "zhouli", "display_name": "周立", "password": "argon2$hash"}
    markup = _page("registration/login.html", demo_accounts=[account], demo_password="published").words
    assert "周立" in markup
    assert "argon2" not in markup


# --- single components -------------------------------------------------------------------------------------------


def test_a_case_status_is_said_in_words_and_with_an_icon() -> None:
    markup = _component("badge_status", status="handling")
    assert Page(markup).words == "整改中"
    assert "cw-tone-accent" in markup
    assert "#circle-dot" in markup


def test_another_word_may_stand_in_a_status_badge() -> None:
    markup = _component("badge_status", label="已发布", tone="good", icon="news")
    assert Page(markup).words == "已发布"
    assert "cw-tone-good" in markup
    assert "#news" in markup


def test_an_unknown_status_is_shown_as_it_is() -> None:
    assert Page(_component("badge_status", status="<b>")).words == "<b>"


@pytest.mark.parametrize(("severity", "word"), [("V", "否决类"), ("A", "重大"), ("B", "一般"), ("C", "轻微")])
def test_a_severity_is_said_in_words(severity: str, word: str) -> None:
    assert Page(_component("badge_severity", severity=severity)).words == word


@pytest.mark.parametrize(
    ("facts", "words", "tone"),
    [
        ({"due": NOW + timedelta(days=3)}, "还剩 3 天 7月1日 14:05 到期", "neutral"),
        ({"due": NOW + timedelta(hours=5)}, "还剩 5 小时 今天 19:05 到期", "warn"),
        ({"due": NOW - timedelta(hours=3)}, "已超期 3 小时 今天 11:05 到期", "bad"),
        ({"due": NOW - timedelta(hours=3), "short": True}, "已超期 3 小时", "bad"),
        ({"due": NOW - timedelta(hours=3), "paused": True}, "暂停计时", "neutral"),
        ({"due": NOW, "done_at": NOW}, "按期完成 今天 14:05", "good"),
        ({"due": NOW - timedelta(hours=3), "done_at": NOW}, "超期 3 小时完成 今天 14:05", "warn"),
        ({"due": None}, "未定期限", "neutral"),
    ],
)
def test_a_deadline_is_told_by_word_icon_and_tone(facts: dict[str, Any], words: str, tone: str) -> None:
    markup = _component("deadline", **facts)
    assert re.sub(r"(小时|天|完成)(?=今|7)", r"\1 ", Page(markup).words) == words
    assert f"cw-tone-{tone}" in markup
    assert "<use href=" in markup


def test_the_chart_has_the_same_figures_and_links_as_a_table() -> None:
    rows = [
        {"label": "西林街道", "values": [93.4, None], "href": "/desk/scores/1/"},
        {"label": "东河街道", "values": [91.2, 80]},
    ]
    chart = {"title": "得分", "unit": "分", "series": ["本月", "上月"], "rows": rows}
    markup = _component("data_table_chart", id="league", chart=chart)
    assert Page(markup).objections() == []
    assert 'data-source="league"' in markup
    assert '<script id="league" type="application/json">' in markup
    assert '<a href="/desk/scores/1/">西林街道</a>' in markup
    assert all(words in Page(markup).words for words in ("93.4", "—", "91.2", "80", "单位：分"))


def test_chart_data_cannot_break_out_of_its_block() -> None:
    chart = {"title": "x", "series": ["a"], "rows": [{"label": "</script><script>alert(1)</script>", "values": [1]}]}
    assert "<script>alert" not in _component("data_table_chart", id="c", chart=chart)


def test_the_points_of_a_map_stand_in_a_list_too() -> None:
    page = Page(_component("map_points", id="map", map=gallery_sample(NOW)["map"], title="点位地图"))
    assert page.objections() == []
    assert "看点位清单（3 处）" in page.words
    assert "西林菜市场：超期未整改，样例点位" in page.words


def test_a_list_of_one_page_has_no_page_buttons() -> None:
    assert Page(_component("pagination_keyset", shown=12)).words == "共 12 条"
    assert Page(_component("pagination_keyset")).words == ""
    assert (
        Page(_component("pagination_keyset", next_url="?after=9", shown=50, total=1234)).words
        == "共 1,234 条 · 本页 50 条 下一页"
    )


class _Form(forms.Form):
    name = forms.CharField(label="点位名称", help_text="与门牌一致。")
    level = forms.ChoiceField(label="等级", choices=[("A", "重大"), ("B", "一般")], widget=forms.RadioSelect)
    urgent = forms.BooleanField(label="加急", required=False)


def test_a_field_has_its_label_above_and_its_error_tied_to_it() -> None:
    form = _Form({"name": ""})
    markup = "".join(_component("form_field", field=field) for field in form)
    assert Page(markup).objections() == []
    assert markup.index("点位名称") < markup.index('name="name"')
    assert 'aria-invalid="true"' in markup
    assert 'aria-describedby="id_name_helptext id_name_error"' in markup
    assert "<fieldset" in markup


def test_all_errors_of_a_form_stand_above_it_and_lead_to_their_fields() -> None:
    form = _Form({})
    markup = _component("form_errors", form=form, objections=["案件已由别人签收。"])
    assert "案件已由别人签收。" in markup
    assert 'href="#id_name"' in markup
    assert Page(_component("form_errors", form=_Form())).words == ""


def test_a_filter_keeps_its_conditions_in_the_address() -> None:
    markup = _component("filter_bar", form=_Form({"name": "西林", "urgent": "on"}), clear_url="/desk/cases/")
    assert 'method="get"' in markup
    assert 'value="西林"' in markup
    assert "清除条件" in markup
    assert Page(markup).objections() == []


def test_a_missing_picture_is_said_in_words() -> None:
    page = Page(_component("photo_pair", before={"url": "/photos/1", "taken_at": NOW, "by": "周立"}))
    assert page.objections() == []
    assert "还没有整改后照片" in page.words
    assert "今天 14:05" in page.words


def test_the_timeline_says_when_who_and_what() -> None:
    events = [{"at": NOW, "title": "派遣", "by": "沈敏", "note": "限 1 天。\n请拍照。"}]
    assert Page(_component("timeline", items=events)).words == "派遣沈敏今天 14:05 限 1 天。请拍照。"
    assert Page(_component("timeline", items=[])).words == "还没有记录。"


def test_an_unknown_fact_is_a_dash_and_zero_is_not() -> None:
    items = [{"label": "原因", "value": None}, {"label": "次数", "value": 0}]
    assert Page(_component("kv_list", items=items)).words == "原因— 次数0"


def test_progress_of_nothing_is_not_an_error() -> None:
    assert Page(_component("progress_bar", label="点位", done=0, total=0)).words == "点位0 / 0"
    assert Page(_component("progress_bar", label="点位", done=1, total=3)).words == "点位1 / 3（33%）"


def test_a_stat_card_is_a_link_only_when_it_leads_somewhere() -> None:
    assert _component("stat_card", label="在办", value="12", url="/desk/").strip().startswith('<a href="/desk/"')
    assert "<a" not in _component("stat_card", label="在办", value="12")


def test_the_current_tab_is_marked_for_screen_readers() -> None:
    items = [{"label": "待办", "url": "#", "active": True, "count": 0}, {"label": "已办", "url": "#"}]
    markup = _component("tabs", items=items, label="案件")
    assert markup.count('aria-current="page"') == 1
    assert Page(markup).words == "待办0 已办"


def test_a_checklist_item_is_a_whole_form_without_script() -> None:
    facts = {
        "action": "/field/1/",
        "csrf_token": "token",
        "criterion": "RES-10",
        "code": "RES-10",
        "text": "楼道没有堆放物品",
    }
    markup = _component("check_item", **facts, verdict="fail", note="旧家具", photo_required=True)
    assert Page(markup).objections() == []
    assert [
        f'name="{name}"' in markup for name in ("criterion", "client_key", "note", "photo", "lng", "lat", "accuracy")
    ] == [True] * 7
    assert markup.count('name="verdict"') == 4
    assert 'enctype="multipart/form-data"' in markup
    assert "旧家具" in markup
    assert re.findall(r'value="(\w+)"[^>]*aria-pressed="true"', markup) == ["fail"]


# --- colours -----------------------------------------------------------------------------------------------------


def _themes() -> dict[str, dict[str, str]]:
    css = (WEB / "static" / "app" / "app.css").read_text(encoding="utf-8")
    blocks = re.findall(r'\[data-bs-theme="(light|dark)"\] \{([^}]*)\}', css)
    themes: dict[str, dict[str, str]] = {"light": {}, "dark": {}}
    for theme, body in blocks:
        themes[theme] |= dict(re.findall(r"--cw-([\w-]+): (#[0-9a-f]{6})", body))
    return themes


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


TEXT_PAIRS = [
    *((ink, ground) for ink in ("text", "muted", "accent") for ground in ("ground", "surface", "sunken")),
    *((f"{tone}-fg", f"{tone}-bg") for tone in TONES),
    *((f"{tone}-fg", ground) for tone in TONES for ground in ("surface", "ground")),
    *(("surface", f"{tone}-fg") for tone in ("good", "bad", "neutral")),
    ("on-accent", "accent"),
    ("text", "neutral-bg"),
]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT_PAIRS)
def test_text_stands_out_from_its_ground(theme: str, ink: str, ground: str) -> None:
    """WCAG 2.1, 1.4.3: 4.5 to 1 for text."""
    colours = _themes()[theme]
    assert _contrast(colours[ink], colours[ground]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    "mark", ["control", "accent", *(f"{tone}-mark" for tone in TONES), "chart-1", "chart-2", "chart-3"]
)
def test_marks_and_borders_of_controls_stand_out(theme: str, mark: str) -> None:
    """WCAG 2.1, 1.4.11: 3 to 1 for what must be seen to use a control or read a chart."""
    colours = _themes()[theme]
    assert _contrast(colours[mark], colours["surface"]) >= 3.0
