"""Filters and tags of the pages: `{% load cw %}`. The words themselves are made in `chuangwen.web.wording`."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import cache

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select
from django.templatetags.static import static
from django.urls import resolve, reverse
from django.utils import timezone
from django.utils.html import format_html, json_script
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from chuangwen import __version__
from chuangwen.rules import personal_numbers, text
from chuangwen.rules.permissions import Actor, may
from chuangwen.web import looks, wording

register = template.Library()


@register.simple_tag
def clock(now: datetime | str = "") -> datetime:
    """The moment handed in, or the moment of rendering: `{% clock now as moment %}`."""
    return now if isinstance(now, datetime) else timezone.now()


@register.filter
def when(moment: datetime | None, now: datetime | None = None) -> str:
    """今天 14:05 / 6月28日 11:00 / 2019年6月28日 11:00, in Beijing time."""
    return wording.when(moment, now or timezone.now())


@register.filter
def hidden_numbers(text: str) -> str:
    """The text with telephone and identity numbers starred: for lists, which are for everybody."""
    return personal_numbers.hidden_numbers(text or "")


@register.filter
def full_moment(moment: datetime | None) -> str:
    """2020年6月28日 11:00, in Beijing time."""
    return wording.full_moment(moment)


@register.filter
def time_left(due: datetime | None, now: datetime | None = None) -> str:
    """还剩 2 天 3 小时 / 已超期 3 小时."""
    return wording.time_left(due, now or timezone.now())


@register.filter
def deadline_look(due: datetime, now: datetime) -> looks.Look:
    """Tone and icon of a running deadline."""
    return looks.DEADLINE_LOOKS[wording.deadline_state(due, now)]


@register.filter
def late_span(due: datetime, done_at: datetime) -> str:
    """How long after the due moment something was done: 3 小时 20 分钟."""
    return wording.span(done_at - due)


@register.filter
def share(part: int, whole: int) -> float:
    """The part as a ratio of the whole; 0 of nothing is 0."""
    return part / whole if whole else 0.0


@register.filter
def entry(mapping: Mapping[str, object] | None, key: str) -> object:
    """The entry of a mapping under a key that stands in a variable; None when there is none."""
    return (mapping or {}).get(key)


@register.filter
def hour(moment: datetime) -> str:
    """14:05 of a moment, in Beijing time."""
    return moment.astimezone(wording.BEIJING).strftime("%H:%M")


@register.filter
def day_clock(minutes: int) -> str:
    """Minutes of the day as 09:05."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


@register.filter
def split(words: str) -> list[str]:
    """The words of a comma-separated list."""
    return words.split(",")


@register.filter
def thousands(number: int | float | Decimal | None) -> str:
    """12,345."""
    return wording.thousands(number)


@register.filter
def pct(ratio: float | Decimal | None, decimals: int = 1) -> str:
    """0.873 is 87.3%."""
    return wording.percent(ratio, decimals)


@register.filter
def points(difference: float) -> str:
    """0.032 is +3.2: percentage points with their sign."""
    return f"{difference * 100:+.1f}"


@register.filter
def mask_phone(number: str) -> str:
    """138****5678."""
    return text.mask_phone(number)


@register.filter
def status_look(status: str) -> looks.Look:
    """Tone, icon and word of a case status; plain for an unknown one."""
    return looks.STATUS_LOOKS.get(str(status), looks.PLAIN)


@register.filter
def severity_look(severity: str) -> looks.Look:
    """Tone, icon and word of a severity V, A, B or C."""
    return looks.SEVERITY_LOOKS.get(str(severity), looks.PLAIN)


@register.filter
def verdict_look(verdict: str) -> looks.Look:
    """Tone, icon and word of a verdict pass, fail or na."""
    return looks.VERDICT_LOOKS.get(str(verdict), looks.PLAIN)


@register.filter
def message_look(level_tag: str) -> looks.Look:
    """Tone and icon of a Django message."""
    return looks.MESSAGE_LOOKS.get(level_tag, looks.MESSAGE_LOOKS["info"])


@cache
def _sprite() -> str:
    """Where the icons are; asked once, a page draws dozens."""
    return static("vendor/tabler-icons/sprite.svg")


@register.simple_tag
def icon(name: str, label: str = "", size: str = "") -> SafeString:
    """An icon of the sprite. Without a label it is decoration; size is "", "sm" or "lg"."""
    classes = f"cw-icon cw-icon-{size}" if size else "cw-icon"
    sprite = _sprite()
    if label:
        markup = '<svg class="{}" role="img" aria-label="{}"><use href="{}#{}"></use></svg>'
        return format_html(markup, classes, label, sprite, name)
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}#{}"></use></svg>', classes, sprite, name)


@register.filter
def is_group(field: BoundField) -> bool:
    """Whether a field is a set of radio buttons or ticks, which needs a <fieldset>."""
    return isinstance(field.field.widget, RadioSelect | CheckboxSelectMultiple)


@register.filter
def is_tick(field: BoundField) -> bool:
    """Whether a field is one tick, whose label stands to the right of it."""
    return isinstance(field.field.widget, CheckboxInput)


@register.simple_tag
def field_widget(field: BoundField) -> SafeString:
    """The field's input with the classes of the design; Django adds aria-invalid and aria-describedby."""
    widget = field.field.widget
    kind = "form-check-input" if is_tick(field) else "form-select" if isinstance(widget, Select) else "form-control"
    classes = [widget.attrs.get("class", ""), kind, "is-invalid" if field.errors else ""]
    return field.as_widget(attrs={"class": " ".join(filter(None, classes))})


@register.simple_tag
def url_if_open(actor: Actor, route: str, *args: object) -> str:
    """The address of a page for somebody who may open it, else nothing: no link leads to a closed door.

    `{% url_if_open actor "web:desk:unit" unit.pk as unit_url %}{% if unit_url %}<a href=…`
    """
    url = reverse(route, args=args)
    permission = getattr(resolve(url).func, "permission", None)
    return url if permission is None or may(actor, permission) else ""


@register.simple_tag
def cw_version() -> str:
    """The version of this software."""
    return __version__


@register.simple_tag
def js_words() -> SafeString:
    """The sentences that the scripts say, as a JSON block with the id `cw-words`."""
    return json_script(script_words(), "cw-words")


def script_words() -> dict[str, str]:
    """Every sentence of the scripts under the key by which `word()` of words.js finds it."""
    return {
        "unsaved": _("有内容还没有提交，离开后会丢失。"),
        "copied": _("链接已复制。"),
        "copy_failed": _("没能复制，请手工选中下面的链接复制："),
        "saved": _("已保存"),
        "saving": _("正在保存"),
        "server_failed": _("服务器没有收下（代码 {code}）。内容和照片还在这里，请稍后再试。"),
        "photo_shrunk": _("{name}，已压缩到 {size}"),
        "photo_kept": _("{name}，{size}"),
        "photo_no_exif": _("不含拍摄时间和位置"),
        "photo_unreadable": _("这张照片无法在手机上压缩，将按原图上传"),
        "photo_needed": _("本项不合格须拍照，请先拍照。"),
        "remove_photo": _("去掉这张照片"),
        "locating": _("正在定位（可不等待）"),
        "located": _("已记录位置，误差约 {metres} 米"),
        "no_position": _("没有取得位置，不影响保存"),
        "chart_failed": _("图表没有画出，请看下面的数据表。"),
        "map_failed": _("地图没有画出，请看下面的点位清单。"),
        "open": _("查看"),
    }
