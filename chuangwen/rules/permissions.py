"""Who may do what. Reads like the regulation: for each permission, any of (all of ...).

An Actor is a bag of facts about a person; a Thing is a bag of facts about what is touched. Neither needs a database.
A post reaches the branch of the unit tree below its `scope`; nothing here counts or looks at how anybody uses the software.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a post lets its holder do."""

    SYSTEM_ADMIN = "system_admin"
    OFFICE_CLERK = "office_clerk"
    OFFICE_CHIEF = "office_chief"
    LEADER = "leader"
    INSPECTOR = "inspector"
    UNIT_CHIEF = "unit_chief"
    UNIT_WORKER = "unit_worker"
    GRID_WORKER = "grid_worker"

    @property
    def label(self) -> str:
        """The Chinese name of the role."""
        return ROLE_LABELS[self]


ROLE_LABELS: dict[Role, str] = {
    Role.SYSTEM_ADMIN: "系统管理员",
    Role.OFFICE_CLERK: "文明办专员",
    Role.OFFICE_CHIEF: "文明办主任",
    Role.LEADER: "领导",
    Role.INSPECTOR: "巡查员",
    Role.UNIT_CHIEF: "单位负责人",
    Role.UNIT_WORKER: "承办人",
    Role.GRID_WORKER: "网格员",
}

OFFICE = (Role.OFFICE_CLERK, Role.OFFICE_CHIEF)
UNIT = (Role.UNIT_CHIEF, Role.UNIT_WORKER)


@dataclass(frozen=True)
class PostFact:
    """One post held today: the role, the unit, and the branch of the tree it reaches (a unit path)."""

    role: Role
    unit_id: int
    unit_name: str
    unit_path: str
    scope: str


@dataclass(frozen=True)
class Actor:
    """Who acts. `system` is the house itself: imports, scheduled work, rules that follow from an event.

    `blind_sites`: places that this person re-checks just now without knowing what was found there before.
    """

    user_id: int | None
    name: str
    posts: tuple[PostFact, ...] = ()
    system: bool = False
    blind_sites: frozenset[int] = frozenset()

    @property
    def roles(self) -> frozenset[Role]:
        """Every role held today."""
        return frozenset(post.role for post in self.posts)

    def scopes(self, *roles: Role) -> tuple[str, ...]:
        """The branches that the posts with one of these roles reach (all posts when none is named)."""
        return tuple(post.scope for post in self.posts if not roles or post.role in roles)

    def unit_paths(self, *roles: Role) -> tuple[str, ...]:
        """The paths of the units in which these roles are held."""
        return tuple(post.unit_path for post in self.posts if not roles or post.role in roles)


NOBODY = Actor(user_id=None, name="未登录")
SYSTEM = Actor(user_id=None, name="系统", system=True)


@dataclass(frozen=True)
class Thing:
    """What is touched, as far as permissions care. Empty strings and None mean: does not apply.

    home: path of the unit at home in the place; handler: path of the unit that must act;
    ids are of users. `early`: the handling unit has not started yet. `involved`: who had a hand in it before.
    """

    home: str = ""
    handler: str = ""
    reported_by: int | None = None
    rectified_by: int | None = None
    assigned: frozenset[int] = frozenset()
    early: bool = False
    site: int | None = None
    involved: frozenset[int] = frozenset()


NOTHING = Thing()


class Permission(StrEnum):
    """Everything that can be allowed or forbidden."""

    # desk and what it shows
    DESK_OPEN = "desk.open"
    FIELD_OPEN = "field.open"
    DASHBOARD_SEE = "dashboard.see"
    # cases
    CASE_SEE = "case.see"
    CASE_REPORT = "case.report"
    CASE_ACCEPT = "case.accept"
    CASE_DISPATCH = "case.dispatch"
    CASE_ASSIGN = "case.assign"
    CASE_RETURN = "case.return"
    CASE_HANDLE = "case.handle"
    CASE_VERIFY = "case.verify"
    CASE_CLOSE = "case.close"
    CASE_FORCE = "case.force"
    CASE_CANCEL = "case.cancel"
    CASE_SUSPEND = "case.suspend"
    CASE_RESUME = "case.resume"
    CASE_REOPEN = "case.reopen"
    CASE_NOTE = "case.note"
    CASE_MERGE = "case.merge"
    PHOTO_RELEASE = "photo.release"
    # replies to residents
    REPLY_SEE = "reply.see"
    REPLY_SEND = "reply.send"
    EXTENSION_ASK = "extension.ask"
    EXTENSION_DECIDE = "extension.decide"
    ORDER_SEE = "order.see"
    ORDER_ISSUE = "order.issue"
    # what reports are about
    TRIAGE_SEE = "triage.see"
    TRIAGE_CONFIRM = "triage.confirm"
    TRIAGE_RELEASE = "triage.release"
    # patrols
    PATROL_SEE = "patrol.see"
    PATROL_PLAN = "patrol.plan"
    PATROL_WALK = "patrol.walk"
    # routes of a day
    PLAN_SEE = "plan.see"
    PLAN_MAKE = "plan.make"
    # re-checks
    RECHECK_SEE = "recheck.see"
    RECHECK_PLAN = "recheck.plan"
    RECHECK_DO = "recheck.do"
    RECHECK_SIGNALS = "recheck.signals"
    # mock examinations
    MOCK_SEE = "mock.see"
    MOCK_PLAN = "mock.plan"
    MOCK_DO = "mock.do"
    MOCK_RELEASE = "mock.release"
    # campaigns
    CAMPAIGN_SEE = "campaign.see"
    CAMPAIGN_PLAN = "campaign.plan"
    CAMPAIGN_WORK = "campaign.work"
    CAMPAIGN_RELEASE = "campaign.release"
    PATROL_START = "patrol.start"
    FORMS_FILL = "forms.fill"
    # supervision
    SUPERVISION_SEE = "supervision.see"
    SUPERVISION_PLAN = "supervision.plan"
    SUPERVISION_RELEASE = "supervision.release"
    SUPERVISION_RECORD = "supervision.record"
    SUPERVISION_ANSWER = "supervision.answer"
    # street whistles
    WHISTLE_SEE = "whistle.see"
    WHISTLE_REPORT = "whistle.report"
    WHISTLE_BLOW = "whistle.blow"
    WHISTLE_ANSWER = "whistle.answer"
    WHISTLE_PROPOSE = "whistle.propose"
    WHISTLE_DECIDE = "whistle.decide"
    WHISTLE_PROMISES = "whistle.promises"
    # papers from above
    DIRECTIVE_SEE = "directive.see"
    DIRECTIVE_KEEP = "directive.keep"
    DIRECTIVE_REPORT = "directive.report"
    DIRECTIVE_RELEASE = "directive.release"
    # material for the online submission
    DECLARATION_SEE = "declaration.see"
    DECLARATION_PLAN = "declaration.plan"
    DECLARATION_SUPPLY = "declaration.supply"
    DECLARATION_REVIEW = "declaration.review"
    # burden
    BURDEN_SEE = "burden.see"
    BURDEN_SET = "burden.set"
    # routing and objections to a dispatch
    OBJECTION_SEE = "objection.see"
    OBJECTION_RAISE = "objection.raise"
    OBJECTION_DECIDE = "objection.decide"
    ROUTING_SEE = "routing.see"
    ROUTING_EDIT = "routing.edit"
    ROUTING_FORCE = "routing.force"
    # places and people
    SITE_SEE = "site.see"
    PLACES_MANAGE = "places.manage"
    PEOPLE_SEE = "people.see"
    PEOPLE_MANAGE = "people.manage"
    # standards
    STANDARD_SEE = "standard.see"
    STANDARD_EDIT = "standard.edit"
    STANDARD_PUBLISH = "standard.publish"
    CALENDAR_EDIT = "calendar.edit"
    # forecasts of the examination
    FORECAST_SEE = "forecast.see"
    FORECAST_PLAN = "forecast.plan"
    # scores and papers
    SCORE_SEE = "score.see"
    SCORE_COMPUTE = "score.compute"
    SCORE_RELEASE = "score.release"
    PAPER_SEE = "paper.see"
    PAPER_DRAFT = "paper.draft"
    PAPER_RELEASE = "paper.release"
    PAPER_FREEZE = "paper.freeze"
    # publicity
    PUBLICITY_SEE = "publicity.see"
    PUBLICITY_PLAN = "publicity.plan"
    PUBLICITY_WRITE = "publicity.write"
    PUBLICITY_REVIEW = "publicity.review"
    # appeals
    APPEAL_SEE = "appeal.see"
    APPEAL_RAISE = "appeal.raise"
    APPEAL_PROPOSE = "appeal.propose"
    APPEAL_DECIDE = "appeal.decide"
    APPEAL_ESCALATE = "appeal.escalate"
    APPEAL_FINISH = "appeal.finish"
    APPEAL_TERMS = "appeal.terms"
    # accountability
    ACCOUNTABILITY_SEE = "accountability.see"
    ACCOUNTABILITY_REVIEW = "accountability.review"
    ACCOUNTABILITY_PREPARE = "accountability.prepare"
    ACCOUNTABILITY_DECIDE = "accountability.decide"
    ACCOUNTABILITY_ANSWER = "accountability.answer"
    LADDER_FORCE = "ladder.force"
    # questionnaires
    SURVEY_SEE = "survey.see"
    SURVEY_PLAN = "survey.plan"
    SURVEY_PUBLISH = "survey.publish"
    SURVEY_VISIT = "survey.visit"
    # machines
    OUTBOX_SEE = "outbox.see"
    INTERFACE_MANAGE = "interface.manage"
    JOURNAL_ERASE = "journal.erase"
    MESSAGES_IMPORT = "messages.import"


Predicate = Callable[[Actor, Thing], bool]


def holds(*roles: Role) -> Predicate:
    """The actor holds one of these roles, wherever."""

    def predicate(actor: Actor, _thing: Thing) -> bool:
        return any(role in actor.roles for role in roles)

    return predicate


def _below(path: str, branches: tuple[str, ...]) -> bool:
    return bool(path) and any(path.startswith(branch) for branch in branches)


def home_in_scope_of(*roles: Role) -> Predicate:
    """The place belongs to the branch that one of these posts reaches."""
    return lambda actor, thing: _below(thing.home, actor.scopes(*roles))


def handler_in_scope_of(*roles: Role) -> Predicate:
    """The unit that must act lies in the branch that one of these posts reaches."""
    return lambda actor, thing: _below(thing.handler, actor.scopes(*roles))


def handled_by_own_unit(*roles: Role) -> Predicate:
    """The unit that must act is the one in which the post is held, or lies below it."""
    return lambda actor, thing: _below(thing.handler, actor.unit_paths(*roles))


def home_in_own_unit(*roles: Role) -> Predicate:
    """What is touched belongs to the unit in which the post is held, or to one below it."""
    return lambda actor, thing: _below(thing.home, actor.unit_paths(*roles))


def in_that_very_unit(*roles: Role) -> Predicate:
    """The unit that must act is the one in which the post is held: not one above it, not one below."""
    return lambda actor, thing: bool(thing.handler) and thing.handler in actor.unit_paths(*roles)


def signed_in(actor: Actor, _thing: Thing) -> bool:
    """Somebody with a current post."""
    return bool(actor.posts)


def is_system(actor: Actor, _thing: Thing) -> bool:
    """The house itself."""
    return actor.system


def reported_it(actor: Actor, thing: Thing) -> bool:
    """The actor reported the case."""
    return actor.user_id is not None and actor.user_id == thing.reported_by


def did_not_rectify_it(actor: Actor, thing: Thing) -> bool:
    """Nobody verifies what they rectified, nor what their own unit rectified."""
    if actor.user_id is not None and actor.user_id == thing.rectified_by:
        return False
    return not _below(thing.handler, actor.unit_paths(Role.UNIT_CHIEF, Role.UNIT_WORKER, Role.GRID_WORKER))


def not_own(actor: Actor, thing: Thing) -> bool:
    """Nobody reviews what concerns their own unit, nor what they had a hand in."""
    if actor.user_id is not None and actor.user_id in thing.involved:
        return False
    branches = actor.unit_paths(Role.UNIT_CHIEF, Role.UNIT_WORKER, Role.GRID_WORKER)
    return thing.handler not in actor.unit_paths() and not _below(thing.handler, branches)


def did_not_write_it(actor: Actor, thing: Thing) -> bool:
    """Nobody passes a text that they had a hand in."""
    return actor.user_id is not None and actor.user_id not in thing.involved


def not_started(_actor: Actor, thing: Thing) -> bool:
    """The handling unit has not begun."""
    return thing.early


def not_blind(actor: Actor, thing: Thing) -> bool:
    """A second look is a look of one's own: what was found at the place before stays hidden until it is done."""
    return thing.site is None or thing.site not in actor.blind_sites


def is_assigned(actor: Actor, thing: Thing) -> bool:
    """The task names the actor."""
    return actor.user_id is not None and actor.user_id in thing.assigned


_ALL_UNITS = (*UNIT, Role.GRID_WORKER)
_OFFICE_HERE = home_in_scope_of(*OFFICE)
SEES_CASES = (*OFFICE, Role.LEADER, Role.INSPECTOR, *UNIT, Role.GRID_WORKER)
_STAFF = SEES_CASES

PERMISSION_MAP: Mapping[Permission, tuple[tuple[Predicate, ...], ...]] = {
    Permission.DESK_OPEN: ((signed_in,),),
    Permission.FIELD_OPEN: ((holds(Role.INSPECTOR, Role.GRID_WORKER, *OFFICE, *UNIT),),),
    Permission.DASHBOARD_SEE: ((holds(*_STAFF),),),
    Permission.CASE_SEE: (
        (is_system,),
        (home_in_scope_of(*_STAFF), not_blind),
        (handler_in_scope_of(*_STAFF), not_blind),
        (reported_it,),
    ),
    Permission.CASE_REPORT: (
        (is_system,),
        (home_in_scope_of(*OFFICE, Role.INSPECTOR, *UNIT, Role.GRID_WORKER),),
    ),
    Permission.CASE_ACCEPT: ((is_system,), (_OFFICE_HERE,)),
    Permission.CASE_DISPATCH: ((is_system,), (_OFFICE_HERE,)),
    Permission.CASE_ASSIGN: ((is_system,), (handled_by_own_unit(Role.UNIT_CHIEF),)),
    Permission.CASE_RETURN: ((is_system,), (handled_by_own_unit(*UNIT),)),
    Permission.CASE_HANDLE: ((is_system,), (handled_by_own_unit(*_ALL_UNITS),)),
    Permission.CASE_VERIFY: (
        (is_system,),
        (home_in_scope_of(Role.INSPECTOR, *OFFICE), did_not_rectify_it),
    ),
    Permission.CASE_CLOSE: ((is_system,), (_OFFICE_HERE,)),
    Permission.CASE_FORCE: ((is_system,), (home_in_scope_of(Role.OFFICE_CHIEF),)),
    Permission.CASE_CANCEL: (
        (is_system,),
        (home_in_scope_of(Role.OFFICE_CHIEF),),
        (reported_it, not_started),
    ),
    Permission.CASE_SUSPEND: ((is_system,), (home_in_scope_of(Role.OFFICE_CHIEF),)),
    Permission.CASE_RESUME: ((is_system,), (_OFFICE_HERE,)),
    Permission.CASE_REOPEN: ((is_system,),),  # the house acts for whoever holds the receipt
    Permission.CASE_NOTE: ((is_system,), (home_in_scope_of(*_STAFF),), (handler_in_scope_of(*_STAFF),)),
    Permission.CASE_MERGE: ((is_system,), (_OFFICE_HERE,)),
    Permission.TRIAGE_SEE: ((holds(*OFFICE, Role.LEADER),),),
    Permission.TRIAGE_CONFIRM: ((is_system,), (_OFFICE_HERE,)),
    Permission.TRIAGE_RELEASE: ((holds(Role.OFFICE_CHIEF),),),
    Permission.PHOTO_RELEASE: ((is_system,), (_OFFICE_HERE,)),
    Permission.REPLY_SEE: ((holds(*OFFICE, Role.LEADER, *UNIT),),),
    Permission.REPLY_SEND: ((is_system,), (_OFFICE_HERE,), (handled_by_own_unit(*UNIT),)),
    Permission.EXTENSION_ASK: ((is_system,), (handled_by_own_unit(Role.UNIT_CHIEF),)),
    Permission.EXTENSION_DECIDE: ((is_system,), (_OFFICE_HERE,)),
    Permission.ORDER_SEE: ((holds(*OFFICE, Role.LEADER, *UNIT),),),
    Permission.ORDER_ISSUE: ((is_system,), (holds(*OFFICE),)),
    Permission.PATROL_SEE: ((holds(*OFFICE, Role.LEADER),), (holds(Role.INSPECTOR), is_assigned)),
    Permission.PATROL_PLAN: ((is_system,), (holds(*OFFICE),)),
    Permission.PATROL_WALK: ((is_system,), (holds(Role.INSPECTOR), is_assigned)),
    Permission.PLAN_SEE: ((holds(*OFFICE, Role.LEADER),),),
    Permission.PLAN_MAKE: ((holds(*OFFICE),),),
    Permission.RECHECK_SEE: ((holds(*OFFICE, Role.LEADER),),),
    Permission.RECHECK_PLAN: ((is_system,), (holds(*OFFICE),)),
    Permission.RECHECK_DO: ((holds(Role.INSPECTOR), is_assigned),),
    Permission.RECHECK_SIGNALS: ((holds(*OFFICE),),),
    Permission.MOCK_SEE: ((holds(*OFFICE, Role.LEADER),),),
    Permission.MOCK_PLAN: ((is_system,), (holds(*OFFICE),)),
    Permission.MOCK_DO: ((holds(Role.INSPECTOR), is_assigned),),
    Permission.MOCK_RELEASE: ((holds(Role.OFFICE_CHIEF), did_not_write_it),),
    Permission.PATROL_START: ((holds(Role.INSPECTOR),),),
    Permission.FORMS_FILL: ((holds(Role.INSPECTOR),),),
    Permission.SUPERVISION_SEE: ((holds(*OFFICE, Role.LEADER, Role.INSPECTOR, *UNIT),),),
    Permission.SUPERVISION_PLAN: ((is_system,), (holds(*OFFICE),)),
    Permission.SUPERVISION_RELEASE: ((holds(Role.OFFICE_CHIEF),),),
    Permission.SUPERVISION_RECORD: ((holds(*OFFICE, Role.LEADER, Role.INSPECTOR),),),
    Permission.SUPERVISION_ANSWER: ((holds(*UNIT),),),
    Permission.WHISTLE_SEE: ((holds(*OFFICE, Role.LEADER, *UNIT),),),
    Permission.WHISTLE_REPORT: ((holds(*UNIT),),),
    Permission.WHISTLE_BLOW: ((handled_by_own_unit(*UNIT),),),
    Permission.WHISTLE_ANSWER: ((handled_by_own_unit(*UNIT),),),
    Permission.WHISTLE_PROPOSE: ((_OFFICE_HERE,),),
    Permission.WHISTLE_DECIDE: ((home_in_scope_of(Role.OFFICE_CHIEF),),),
    Permission.WHISTLE_PROMISES: ((is_system,), (holds(*OFFICE),)),
    Permission.OBJECTION_SEE: ((holds(*OFFICE, Role.LEADER, *UNIT),),),
    Permission.OBJECTION_RAISE: ((handled_by_own_unit(*UNIT),),),
    Permission.OBJECTION_DECIDE: ((_OFFICE_HERE,),),
    Permission.ROUTING_SEE: ((holds(*OFFICE, Role.LEADER),),),
    Permission.ROUTING_EDIT: ((is_system,), (holds(*OFFICE),)),
    Permission.ROUTING_FORCE: ((holds(Role.OFFICE_CHIEF),),),
    Permission.CAMPAIGN_SEE: ((holds(*OFFICE, Role.LEADER, Role.INSPECTOR, *UNIT),),),
    Permission.CAMPAIGN_PLAN: ((is_system,), (holds(*OFFICE),)),
    Permission.CAMPAIGN_WORK: (
        (is_system,),
        (home_in_scope_of(*OFFICE, Role.INSPECTOR, *UNIT),),
        (handler_in_scope_of(*OFFICE, *UNIT),),
    ),
    Permission.CAMPAIGN_RELEASE: ((holds(Role.OFFICE_CHIEF),),),
    Permission.DIRECTIVE_SEE: ((holds(*OFFICE, Role.LEADER, *UNIT),),),
    Permission.DIRECTIVE_KEEP: ((is_system,), (holds(*OFFICE),)),
    Permission.DIRECTIVE_REPORT: ((holds(*UNIT),),),
    Permission.DIRECTIVE_RELEASE: ((holds(Role.OFFICE_CHIEF),),),
    Permission.DECLARATION_SEE: ((holds(*OFFICE, Role.LEADER, *UNIT),),),
    Permission.DECLARATION_PLAN: ((is_system,), (home_in_scope_of(*OFFICE),)),
    Permission.DECLARATION_SUPPLY: ((handled_by_own_unit(*UNIT),),),
    Permission.DECLARATION_REVIEW: (
        (home_in_scope_of(*OFFICE), not_own),
        (home_in_own_unit(*UNIT), not_own),
    ),
    Permission.BURDEN_SEE: ((signed_in,),),
    Permission.BURDEN_SET: ((holds(Role.OFFICE_CHIEF),),),
    Permission.SITE_SEE: ((holds(Role.SYSTEM_ADMIN, *_STAFF),),),
    Permission.PLACES_MANAGE: ((is_system,), (holds(Role.SYSTEM_ADMIN, *OFFICE),)),
    Permission.PEOPLE_SEE: ((holds(Role.SYSTEM_ADMIN, *OFFICE, Role.LEADER, Role.UNIT_CHIEF),),),
    Permission.PEOPLE_MANAGE: ((is_system,), (holds(Role.SYSTEM_ADMIN),)),
    Permission.STANDARD_SEE: ((signed_in,),),
    Permission.STANDARD_EDIT: ((is_system,), (holds(*OFFICE),)),
    Permission.STANDARD_PUBLISH: ((is_system,), (holds(Role.OFFICE_CHIEF),)),
    Permission.CALENDAR_EDIT: ((is_system,), (holds(Role.SYSTEM_ADMIN, *OFFICE),)),
    Permission.FORECAST_SEE: ((holds(*OFFICE, Role.LEADER),),),
    Permission.FORECAST_PLAN: ((is_system,), (holds(*OFFICE),)),
    Permission.SCORE_SEE: ((holds(*OFFICE, Role.LEADER, *UNIT),),),
    Permission.SCORE_COMPUTE: ((is_system,), (holds(*OFFICE),)),
    Permission.SCORE_RELEASE: ((holds(Role.OFFICE_CHIEF),),),
    Permission.PAPER_SEE: ((holds(*OFFICE, Role.LEADER, *UNIT),),),
    Permission.PAPER_DRAFT: ((is_system,), (holds(*OFFICE),)),
    Permission.PAPER_RELEASE: ((holds(Role.OFFICE_CHIEF),),),
    Permission.PAPER_FREEZE: ((holds(*OFFICE),),),
    Permission.PUBLICITY_SEE: ((holds(*OFFICE, Role.LEADER, *UNIT),),),
    Permission.PUBLICITY_PLAN: ((is_system,), (home_in_scope_of(*OFFICE),), (handled_by_own_unit(*UNIT),)),
    Permission.PUBLICITY_WRITE: ((is_system,), (home_in_scope_of(*OFFICE),), (handled_by_own_unit(*UNIT),)),
    Permission.PUBLICITY_REVIEW: ((home_in_scope_of(*OFFICE), did_not_write_it),),
    Permission.APPEAL_SEE: ((holds(*OFFICE, Role.LEADER, *UNIT),),),
    Permission.APPEAL_RAISE: ((handled_by_own_unit(*UNIT),),),
    Permission.APPEAL_PROPOSE: ((home_in_scope_of(Role.OFFICE_CLERK), not_own),),
    Permission.APPEAL_DECIDE: ((home_in_scope_of(Role.OFFICE_CHIEF), not_own),),
    Permission.APPEAL_ESCALATE: ((handled_by_own_unit(Role.UNIT_CHIEF),),),
    Permission.APPEAL_FINISH: ((home_in_scope_of(Role.LEADER), not_own),),
    Permission.APPEAL_TERMS: ((holds(Role.OFFICE_CHIEF),),),
    Permission.ACCOUNTABILITY_SEE: ((holds(*OFFICE, Role.LEADER, *UNIT),),),
    Permission.ACCOUNTABILITY_REVIEW: ((holds(*OFFICE, Role.LEADER),),),
    Permission.ACCOUNTABILITY_PREPARE: ((home_in_scope_of(*OFFICE),),),
    Permission.ACCOUNTABILITY_DECIDE: ((home_in_scope_of(Role.OFFICE_CHIEF, Role.LEADER),),),
    Permission.ACCOUNTABILITY_ANSWER: ((in_that_very_unit(*UNIT, Role.LEADER),),),
    Permission.LADDER_FORCE: ((home_in_scope_of(Role.OFFICE_CHIEF),),),
    Permission.SURVEY_SEE: ((holds(*OFFICE, Role.LEADER),),),
    Permission.SURVEY_PLAN: ((is_system,), (holds(*OFFICE),)),
    Permission.SURVEY_PUBLISH: ((is_system,), (holds(Role.OFFICE_CHIEF),)),
    Permission.SURVEY_VISIT: ((is_system,), (holds(*OFFICE, Role.INSPECTOR, *UNIT, Role.GRID_WORKER),)),
    Permission.OUTBOX_SEE: ((holds(Role.SYSTEM_ADMIN),),),
    Permission.INTERFACE_MANAGE: ((is_system,), (holds(Role.SYSTEM_ADMIN),)),
    Permission.JOURNAL_ERASE: ((holds(Role.SYSTEM_ADMIN, Role.OFFICE_CHIEF),),),
    Permission.MESSAGES_IMPORT: ((is_system,), (holds(*OFFICE),)),
}


def may(actor: Actor, permission: Permission, thing: Thing = NOTHING) -> bool:
    """Whether the map lets this actor do this to this thing."""
    return any(all(predicate(actor, thing) for predicate in every) for every in PERMISSION_MAP[permission])
