"""Reading accountability: whose file it is, what waits for whom, and the whole file as one frozen record."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from chuangwen.accountability.builtin import grounds, measure, measures
from chuangwen.accountability.models import Act, Commitment, File, Interview, LadderVersion
from chuangwen.evidence.models import Photo
from chuangwen.people.models import Unit
from chuangwen.rules.accountability_flow import (
    APPEAL_LABELS,
    ENDED,
    OUTCOME_LABELS,
    AppealOutcome,
    FileMove,
    FileStatus,
    FileStep,
    Hands,
    Outcome,
    appeal_objections,
    decider_objections,
    holds_post,
    moves_from,
)
from chuangwen.rules.ladder_files import DecidingPost, MeasureKind, lighter
from chuangwen.rules.permissions import OFFICE, UNIT, Actor, Permission, PostFact, Role, Thing, may
from chuangwen.rules.refusals import NotFound

_ABOVE = (*OFFICE, Role.LEADER)
_OWN = (*UNIT, Role.LEADER)


def thing_of(file: File) -> Thing:
    """What permissions need to know of a file."""
    return Thing(home=file.home.path, handler=file.unit.path)


def home_path(actor: Actor) -> str:
    """The widest branch that somebody of the office or a leader looks after; empty for others."""
    return min(actor.scopes(*_ABOVE), key=len, default="")


def home_of(actor: Actor) -> Unit | None:
    """The unit at the top of that branch, for people of the office."""
    path = min(actor.scopes(*OFFICE), key=len, default="")
    return Unit.objects.filter(path=path).first() if path else None


# --- files -----------------------------------------------------------------------------------------------------------


def _above(actor: Actor) -> Q:
    found = Q(pk__in=[])
    for scope in set(actor.scopes(*_ABOVE)):
        found |= Q(home__path__startswith=scope)
    return found


def oversees(actor: Actor, file: File) -> bool:
    """Whether somebody stands on the side of the office and the leaders of the file's branch."""
    return any(file.home.path.startswith(scope) for scope in actor.scopes(*_ABOVE))


def files_for(actor: Actor) -> QuerySet[File]:
    """The files an actor may look at: office and leaders of the branch; the unit itself from the notice on; nobody else."""
    if not may(actor, Permission.ACCOUNTABILITY_SEE):
        return File.objects.none()
    own = Q(unit__path__in=set(actor.unit_paths(*_OWN)), notified_at__isnull=False)
    return File.objects.filter(_above(actor) | own).select_related("home", "unit", "ladder")


def file_for(actor: Actor, file_id: int) -> File:
    """The door. Unseen and unknown look alike."""
    found = files_for(actor).filter(pk=file_id).first()
    if found is None:
        raise NotFound
    return found


def listed(actor: Actor, *, state: str = "") -> QuerySet[File]:
    """The list: open ones, ended ones, or all, newest first."""
    rows = files_for(actor).order_by("-opened_at", "-id")
    ended = sorted(status.value for status in ENDED)
    if state == "open":
        return rows.exclude(status__in=ended)
    return rows.filter(status__in=ended) if state == "ended" else rows


def opened_occasions(path: str) -> dict[tuple[int, str, str], int]:
    """(unit, rung, occasion) -> file, of everything opened and not dropped in a branch."""
    rows = File.objects.filter(home__path=path).exclude(status=FileStatus.DROPPED.value).order_by("pk")
    return {
        (unit, rung, occasion): pk
        for unit, rung, occasion, pk in rows.values_list("unit", "rung_key", "occasion", "pk")
    }


# --- what somebody can do with a file --------------------------------------------------------------------------------


def hands_of(file: File) -> Hands:
    """Who had a hand in it so far."""
    return Hands(file.opened_by_id, file.proposed_by_id, file.decided_by_id, file.ladder.ladder.persons)


def deciding_post(file: File) -> DecidingPost:
    """The post that must decide now: the rung's, on appeal the other one."""
    return file.rung.appeal_to if file.status == FileStatus.APPEALED else file.rung.decided_by


def who_objections(actor: Actor, file: File, arrow: FileStep) -> list[str]:
    """Why this person may not take this step; empty when they may."""
    if not may(actor, arrow.permission, thing_of(file)):
        whose = {
            Permission.ACCOUNTABILITY_ANSWER: f"“{arrow.move.label}”由{file.unit.name}办理。",
            Permission.ACCOUNTABILITY_DECIDE: f"“{arrow.move.label}”由{deciding_post(file).label}办理。",
        }
        return [whose.get(arrow.permission, f"“{arrow.move.label}”由文明办办理。")]
    inside = arrow.permission is not Permission.ACCOUNTABILITY_ANSWER
    if inside and any(path.startswith(file.unit.path) for path in actor.unit_paths()):
        return ["您在被建议问责的单位任职，应当回避。"]
    if arrow.permission is not Permission.ACCOUNTABILITY_DECIDE:
        return []
    post, found = deciding_post(file), list[str]()
    if not holds_post(actor, post, file.home.path):
        found.append(f"这一步由{post.label}决定。")
    if arrow.move is FileMove.DECIDE:
        found += decider_objections(hands_of(file), actor.user_id)
    if arrow.move is FileMove.DECIDE_APPEAL:
        found += appeal_objections(hands_of(file), actor.user_id)
    return found


def offered(actor: Actor, file: File) -> list[FileMove]:
    """The moves that this person may make now, the way onward first."""
    return [arrow.move for arrow in moves_from(file.flow_status) if not who_objections(actor, file, arrow)]


def post_of(actor: Actor, file: File, permission: Permission) -> str:
    """With which post somebody acts here, in words: unit and role, no name."""
    fitting = _fitting(actor, file, permission)
    return f"{fitting.unit_name}（{fitting.role.label}）" if fitting else actor.name


def _fitting(actor: Actor, file: File, permission: Permission) -> PostFact | None:
    for post in actor.posts:
        alone = Actor(actor.user_id, actor.name, (post,))
        wanted = permission is not Permission.ACCOUNTABILITY_DECIDE or holds_post(
            alone, deciding_post(file), file.home.path
        )
        if wanted and may(alone, permission, thing_of(file)):
            return post
    return next(iter(actor.posts), None)


NEXT_ONE: dict[FileStatus, str] = {
    FileStatus.OPENED: "文明办告知单位", FileStatus.NOTIFIED: "单位整改并报告", FileStatus.STATING: "单位陈述",
    FileStatus.STATED: "文明办提出建议", FileStatus.DECIDED: "文明办送达", FileStatus.SERVED: "单位可以申诉",
    FileStatus.REVIEWED: "文明办办结", FileStatus.CLOSED: "", FileStatus.DROPPED: "",
}  # fmt: skip


def next_words(file: File) -> str:
    """Who does what next."""
    if file.status in {FileStatus.PROPOSED, FileStatus.APPEALED}:
        return f"{deciding_post(file).label}决定" + ("申诉" if file.status == FileStatus.APPEALED else "")
    return NEXT_ONE[file.flow_status]


def waiting_for(actor: Actor, now: datetime, at_most: int = 50) -> list[tuple[File, FileMove]]:
    """What waits for this person: their next move of each file, the soonest deadline first. One statement.

    What the unit is to do is offered to the office only once its time is over.
    """
    ended = sorted(status.value for status in ENDED)
    rows = files_for(actor).exclude(status__in=ended).order_by("due_at", "id")[: at_most * 4]
    found = list[tuple[File, FileMove]]()
    for file in rows:
        running = file.due_at is not None and now <= file.due_at
        mine = [
            move
            for move in offered(actor, file)
            if move is not FileMove.DROP and not (running and move in _AFTER_TIME) and move is not FileMove.APPEAL
        ]
        found += [(file, mine[0])] if mine else []
    return found[:at_most]


_AFTER_TIME = {FileMove.CORRECTION_OVER, FileMove.STATEMENT_OVER, FileMove.CLOSE}


def late_commitments(actor: Actor, now: datetime, at_most: int = 50) -> Sequence[Commitment]:
    """Promises and orders of the files of one's branch that are past and not said to be done."""
    rows = Commitment.objects.filter(
        done_at=None, withdrawn_at=None, due__lt=now, file__in=files_for(actor).values("pk")
    )
    return list(rows.select_related("file__unit")[:at_most])


def acts_of(file: File) -> Sequence[Act]:
    """Every step in order, with its pictures."""
    return list(Act.objects.filter(file=file).prefetch_related("photos").order_by("id"))


def interviews_of(file: File) -> Sequence[Interview]:
    """The talks, each with what was promised."""
    return list(Interview.objects.filter(file=file).order_by("held_at", "id"))


def commitments_of(file: File) -> Sequence[Commitment]:
    """Promises and orders, the soonest first."""
    return list(Commitment.objects.filter(file=file).order_by("due", "id"))


def photo_for(actor: Actor, file_id: int, photo_id: int) -> Photo:
    """A picture through the door of its file."""
    file = file_for(actor, file_id)
    found = Photo.objects.filter(pk__in=Act.photos.through.objects.filter(act__file=file).values("photo"), pk=photo_id)
    photo = found.first()
    if photo is None:
        raise NotFound
    return photo


def measure_choices() -> list[tuple[str, str]]:
    """The measures, the lightest first."""
    return [(one.key, one.label) for one in measures()]


def lighter_choices(than: str) -> list[tuple[str, str]]:
    """The measures that are lighter than this one."""
    return [(one.key, one.label) for one in lighter(measures(), than)]


def ground_choices() -> list[tuple[str, str]]:
    """The grounds of tolerance."""
    return [(one.key, one.label) for one in grounds()]


def ground_label(key: str) -> str:
    """What a ground is called."""
    return {one.key: one.label for one in grounds()}.get(key, key)


# --- the whole file as one record ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class StepFacts:
    """One step: when, what, by which post, what was said, and how many pictures went with it."""

    at: datetime
    title: str
    post: str
    text: str
    choices: tuple[tuple[str, str], ...]
    photos: int


@dataclass(frozen=True)
class PromiseFacts:
    """One promise or order."""

    text: str
    order: str
    given_at: datetime
    due: datetime
    done_at: datetime | None
    done_note: str
    withdrawn: bool


@dataclass(frozen=True)
class InterviewFacts:
    """One talk."""

    held_at: datetime
    post: str
    attended: str
    summary: str
    promises: tuple[PromiseFacts, ...]


@dataclass(frozen=True)
class FileFacts:
    """Everything that a printed file shows; no names of persons, only posts."""

    number: str
    unit: str
    home: str
    status: str
    ladder: str
    ladder_source: str
    clause: str
    measure_of_rung: str
    decided_by: str
    appeal_to: str
    opened_at: datetime
    why: tuple[str, ...]
    evidence: tuple[str, ...]
    counter: tuple[str, ...]
    missing: tuple[str, ...]
    correct_by: datetime | None
    statement_by: datetime | None
    appeal_by: datetime | None
    outcome: str
    measure: str
    appeal_outcome: str
    ended_at: datetime | None
    handed_over_to: str
    handed_over_at: datetime | None
    steps: tuple[StepFacts, ...]
    interviews: tuple[InterviewFacts, ...]
    orders: tuple[PromiseFacts, ...]


def file_facts(file_id: int, actor: Actor) -> FileFacts:
    """The whole file for one document, as far as this person may see it: all or nothing (NotFound)."""
    file = file_for(actor, file_id)
    rung, promises = file.rung, commitments_of(file)
    return FileFacts(
        number=file.number, unit=file.unit.name, home=file.home.name, status=str(file.get_status_display()),
        ladder=str(file.ladder), ladder_source=file.ladder.source, clause=rung.clause,
        measure_of_rung=measure(rung.measure).label, decided_by=rung.decided_by.label, appeal_to=rung.appeal_to.label,
        opened_at=file.opened_at, why=_words(file.basis, "why"),
        evidence=tuple(evidence_words(one) for one in _words(file.basis, "evidence")),
        counter=_words(file.basis, "counter"), missing=_words(file.basis, "missing"), correct_by=file.correct_by,
        statement_by=file.statement_by, appeal_by=file.appeal_by, outcome=str(file.get_outcome_display()),
        measure=file.measure.label if file.measure else "", appeal_outcome=str(file.get_appeal_outcome_display()),
        ended_at=file.ended_at, handed_over_to=file.handed_over_to, handed_over_at=file.handed_over_at,
        steps=tuple(step_facts(act) for act in acts_of(file)),
        interviews=tuple(_interview(one, promises) for one in interviews_of(file)),
        orders=tuple(_promise(one) for one in promises if one.interview_id is None),
    )  # fmt: skip


EVIDENCE: dict[str, str] = {
    "score": "得分表 %s 号", "order": "整改任务书（登记号 %s）", "case": "案件（登记号 %s）", "file": "问责建议 %s 号",
    "directive": "督办事项（登记号 %s）", "commitment": "限期命令（登记号 %s）", "appeal": "申诉 %s 号",
}  # fmt: skip


def evidence_words(key: str) -> str:
    """Evidence such as `case:33` in words; what is not known stays as it is."""
    kind, *numbers = key.split(":")
    return EVIDENCE[kind] % numbers[0] if kind in EVIDENCE and numbers else key


def _words(basis: dict[str, Any], name: str) -> tuple[str, ...]:
    return tuple(str(words) for words in basis.get(name, ()))


def _interview(one: Interview, promises: Sequence[Commitment]) -> InterviewFacts:
    own = tuple(_promise(each) for each in promises if each.interview_id == one.pk)
    return InterviewFacts(one.held_at, one.post, one.attended, one.summary, own)


def _promise(one: Commitment) -> PromiseFacts:
    gone = one.withdrawn_at is not None
    return PromiseFacts(one.text, one.order_label, one.given_at, one.due, one.done_at, one.done_note, gone)


def step_facts(act: Act) -> StepFacts:
    """One step in words."""
    return StepFacts(
        act.at, str(act.get_move_display()), act.post, act.text, tuple(_choices(act.facts)), len(act.photos.all())
    )


def _choices(facts: dict[str, Any]) -> list[tuple[str, str]]:
    """What was chosen in a step, with its words."""
    found = []
    if facts.get("outcome"):
        found.append(("决定", OUTCOME_LABELS[Outcome(facts["outcome"])]))
    if facts.get("appeal_outcome"):
        found.append(("申诉结果", APPEAL_LABELS[AppealOutcome(facts["appeal_outcome"])]))
    if facts.get("measure"):
        found.append(("措施", measure(facts["measure"]).label))
    if facts.get("ground"):
        found.append(("容错情形", ground_label(facts["ground"])))
    return found + ([("移交给", facts["to"])] if facts.get("to") else [])


# --- ladders ---------------------------------------------------------------------------------------------------------


def ladders_for(actor: Actor) -> QuerySet[LadderVersion]:
    """The ladders of the branches that somebody looks after, newest version first."""
    reach = Q(pk__in=[])
    for scope in set(actor.scopes(*_ABOVE)):
        reach |= Q(home__path__startswith=scope)
    return LadderVersion.objects.filter(reach).select_related("home").order_by("name", "-number", "id")


def ladder_for(actor: Actor, ladder_id: int) -> LadderVersion:
    """The door. Unseen and unknown look alike."""
    found = ladders_for(actor).filter(pk=ladder_id).first()
    if found is None:
        raise NotFound
    return found


def in_force_for(actor: Actor) -> list[LadderVersion]:
    """The ladders in force in somebody's own branch."""
    path = home_path(actor)
    rows = LadderVersion.objects.filter(home__path=path, in_force_at__isnull=False, replaced_at=None)
    return list(rows.select_related("home").order_by("name", "id")) if path else []


def talks(file: File) -> bool:
    """Whether a talk is what was decided, or what the rung would have."""
    key = file.measure_key or file.rung.measure
    return measure(key).kind is MeasureKind.TALK
