"""What every page shows around its own content: who is here, where they can go, what waits."""

from dataclasses import dataclass, field

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chuangwen import __version__
from chuangwen.http import Context, actor_of
from chuangwen.rules.permissions import Actor, Permission, may


@dataclass(frozen=True)
class Place:
    """One entry of the navigation."""

    label: str | Promise
    route: str
    icon: str
    permission: Permission | None = None
    more: tuple[str, ...] = field(default=())  # further pages of this audience that belong to this entry


def _under(noun: str, *pages: str) -> tuple[str, ...]:
    """The route of one thing at the desk, and of the pages below it."""
    return (f"web:desk:{noun}", *(f"web:desk:{noun}-{page}" for page in pages))


_CASE_PAGES = ("case", "case-new", "case-move", "case-triage", "triage-models", "case-reply")
_SCORE_PAGES = ("new", "line", "release", "discard", "rates")
_RECHECK_PAGES = ("new", "tasks", "task", "give", "agreement", "clean", "fast", "decide", "cancel")
_MOCK_MOVES = ("decide", "close", "release", "cancel")
_CAMPAIGN_PAGES = (
    *("new", "edit", "log", "start", "close", "cancel", "release", "withdraw", "sites", "sheet", "add", "unreachable"),
    *("reachable", "drop", "map", "rounds", "work", "spend", "strike", "milestone", "cases"),
)
_PUBLICITY_PAGES = ("publicity", "publicity-plan", "briefs", "brief", "brief-mask")
_SURVEY_PAGES = ("form", "question", "wave", "wave-new", "wave-edit", "results", "remarks", "case", "sheet", "enter")
_DECLARATION_PAGES = ("drive", "new", "reasons", "calendar", "import", "duties", "package")
_PAPER_PAGES = ("new", "edit", "release", "withdraw")
DESK: tuple[tuple[str | Promise, tuple[Place, ...]], ...] = (
    (
        _("办理"),
        (
            Place(_("我的待办"), "web:desk:home", "checklist", Permission.DESK_OPEN),
            Place(_("案件"), "web:desk:cases", "folder", Permission.DASHBOARD_SEE, _CASE_PAGES),
            Place(_("派单异议"), "web:desk:objections", "gavel", Permission.OBJECTION_SEE, ("objections-terms",)),
            Place(_("整改任务书"), "web:desk:orders", "file-text", Permission.ORDER_SEE, ("order", "order-new", "order-final")),
            Place(
                _("上级督办件"), "web:desk:directives", "inbox", Permission.DIRECTIVE_SEE,
                ("directive", *(f"directive-{page}" for page in ("new", "grounds", "reply", "item"))),
            ),
            Place(
                _("网上申报"), "web:desk:declarations", "upload", Permission.DECLARATION_SEE,
                ("declaration", *(f"declaration-{page}" for page in _DECLARATION_PAGES)),
            ),
            Place(
                _("督查"), "web:desk:supervision", "target", Permission.SUPERVISION_SEE,
                tuple(f"supervision-{page}" for page in ("new", "edit", "task", "patrol", "remark", "report")),
            ),
            Place(
                _("吹哨报到"), "web:desk:whistles", "speakerphone", Permission.WHISTLE_SEE,
                ("whistle", "whistle-new", "whistle-final", "whistle-act", "whistle-summons-act", "whistle-figures", "whistle-promises"),
            ),
            Place(
                _("巡查"), "web:desk:patrols", "route", Permission.PATROL_PLAN,
                (
                    "patrol", "patrol-new", "patrol-cancel", "plans", "plan",
                    *(f"plan-{page}" for page in ("new", "stop", "approve", "discard", "sheet", "teams", "team", "team-new", "terms")),
                ),
            ),
            Place(
                _("排查与专项"), "web:desk:campaigns", "flag", Permission.CAMPAIGN_SEE,
                ("campaign", *(f"campaign-{page}" for page in _CAMPAIGN_PAGES)),
            ),
        ),
    ),
    (
        _("看清"),
        (
            Place(_("总览"), "web:desk:dashboard", "chart-bar", Permission.DASHBOARD_SEE),
            Place(
                _("测评准备"), "web:desk:readiness", "target", Permission.FORECAST_SEE,
                tuple(f"readiness-{page}" for page in ("runs", "run", "levers", "lever", "setting")),
            ),
            Place(
                _("抽查复核"), "web:desk:rechecks", "shield-check", Permission.RECHECK_SEE,
                ("recheck", *(f"recheck-{page}" for page in _RECHECK_PAGES)),
            ),
            Place(
                _("模拟测评"), "web:desk:mocks", "checks", Permission.MOCK_SEE,
                ("mock", *(f"mock-{page}" for page in ("new", "looks", "look", "disputes", "report", *_MOCK_MOVES))),
            ),
            Place(_("热点"), "web:desk:topics", "report-analytics", Permission.TRIAGE_SEE, ("topics-run", "topics-pairs")),
            Place(_("回复和评价"), "web:desk:reply-rates", "message-circle", Permission.REPLY_SEE),
            Place(_("工作量"), "web:desk:burden", "scale", Permission.BURDEN_SEE),
            Place(_("地图"), "web:desk:map", "map-2", Permission.DASHBOARD_SEE),
            Place(
                _("计分排名"), "web:desk:scores", "trophy", Permission.SCORE_SEE,
                ("score", "score-new", "score-line", "score-rates", "score-fair", "score-release", "score-discard", "score-show", "score-correct"),
            ),
            Place(
                _("问卷调查"), "web:desk:surveys", "checks", Permission.SURVEY_SEE,
                ("survey", *(f"survey-{page}" for page in _SURVEY_PAGES)),
            ),
            Place(
                _("问责"), "web:desk:accountability", "gavel", Permission.ACCOUNTABILITY_SEE,
                tuple(f"accountability-{page}" for page in ("eligible", "ladders", "ladder", "file", "print", "final")),
            ),
            Place(
                _("申诉"), "web:desk:appeals", "scale", Permission.APPEAL_SEE,
                ("appeal", "appeal-case", "appeal-line", "appeal-terms"),
            ),
            Place(
                _("简报通报"), "web:desk:papers", "news", Permission.PAPER_SEE,
                ("paper", "paper-new", "paper-edit", "paper-release", "paper-withdraw", *_PUBLICITY_PAGES),
            ),
        ),
    ),
    (
        _("基础"),
        (
            Place(
                _("点位"), "web:desk:sites", "map-pin", Permission.SITE_SEE,
                ("site", "site-new", "site-edit", "site-grid", "site-codes", "sites-import", "areas", "areas-import"),
            ),
            Place(
                _("测评标准"), "web:desk:editions", "book", Permission.STANDARD_SEE,
                ("edition", "edition-upload", "edition-publish", "edition-copy", "edition-discard", "criterion"),
            ),
            Place(
                _("派单规则"), "web:desk:routing", "route", Permission.ROUTING_SEE,
                tuple(f"routing-{page}" for page in ("set", "upload", "rule", "rule-act", "force", "replay")),
            ),
            Place(_("立案标准"), "web:desk:case-standards", "scale", Permission.STANDARD_SEE, ("case-standards-import",)),
            Place(
                _("单位人员"), "web:desk:people", "users", Permission.PEOPLE_SEE,
                ("person", "person-new", "person-edit", "people-import", "units", "unit", "unit-new", "unit-edit", "units-import"),
            ),
            Place(
                _("工作日历"), "web:desk:calendar", "calendar", Permission.STANDARD_SEE,
                ("calendar-day", "calendar-import", "calendar-official", "calendar-due"),
            ),
            Place(_("留痕"), "web:desk:trace", "fingerprint", Permission.JOURNAL_ERASE, ("trace-erase",)),
            Place(_("系统"), "web:desk:system", "settings", Permission.OUTBOX_SEE, ("notice-channels", "programs")),
        ),
    ),
)  # fmt: skip
FIELD: tuple[Place, ...] = (
    Place(
        _("巡查"),
        "web:field:home",
        "route",
        Permission.FIELD_OPEN,
        ("patrol", "checklist", "finding", "case", "waiting", "recheck", "mock"),
    ),
    Place(_("核查"), "web:field:checks", "checks", Permission.FIELD_OPEN, ("check",)),
    Place(_("上报"), "web:field:report", "camera", Permission.FIELD_OPEN),
    Place(_("督查"), "web:field:supervision", "target", Permission.SUPERVISION_RECORD),
    Place(_("吹哨"), "web:field:summonses", "speakerphone", Permission.WHISTLE_REPORT),
    Place(_("我的"), "web:field:me", "user", Permission.FIELD_OPEN),
)
PUBLIC: tuple[Place, ...] = (
    Place(
        _("首页"),
        "web:public:home",
        "home",
        None,
        ("standards", "standard", "subscribe", "subscription", "subscription-stop"),
    ),
    Place(
        _("我要反映"), "web:public:report", "flag", None, ("report-here", "site-report", "receipts", "receipt", "voice")
    ),
    Place(_("排名"), "web:public:ranking", "trophy"),
    Place(_("通报"), "web:public:papers", "news", None, ("paper", "news", "news-item")),
    Place(_("排查与专项"), "web:public:campaigns", "flag", None, ("campaign",)),
    Place(_("抽查"), "web:public:draws", "shield-check", None, ("draw",)),
)


def _entry(place: Place, here: str) -> dict[str, object]:
    return {
        "label": place.label,
        "url": reverse(place.route),
        "icon": place.icon,
        "active": here == place.route or here.removeprefix(place.route.rpartition(":")[0] + ":") in place.more,
        "count": None,
        "children": [],
    }


def _allowed(actor: Actor, place: Place) -> bool:
    return place.permission is None or may(actor, place.permission)


def navigation(actor: Actor, here: str) -> list[dict[str, object]]:
    """The navigation of the audience that this address belongs to, as far as the actor may go."""
    if here.startswith("web:field"):
        return [_entry(place, here) for place in FIELD if _allowed(actor, place)]
    if here.startswith("web:public"):
        return [_entry(place, here) for place in PUBLIC if _allowed(actor, place)]
    groups: list[dict[str, object]] = []
    for label, places in DESK:
        entries = [_entry(place, here) for place in places if _allowed(actor, place)]
        if entries:
            groups.append({"label": label, "url": "", "icon": "", "active": False, "count": None, "children": entries})
    return groups


def frame(request: HttpRequest) -> Context:
    """The context that base templates read."""
    if not hasattr(request, "user"):
        return {"version": __version__, "nav": []}
    actor = actor_of(request)
    match = request.resolver_match
    here = match.view_name if match else ""
    return {
        "version": __version__,
        "actor": actor,
        "nav": navigation(actor, here),
        "unread": getattr(request.user, "unread", 0),
        "may_field": may(actor, Permission.FIELD_OPEN),
        "may_forms": may(actor, Permission.FORMS_FILL),
        "may_desk": may(actor, Permission.DESK_OPEN),
        "tile_url": settings.MAP_TILE_URL,
        "tile_attribution": settings.MAP_TILE_ATTRIBUTION,
    }
