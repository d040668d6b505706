"""What happens to one sample case, from its finding to closing, told as planned moves."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chuangwen.project.demo import remarks
from chuangwen.project.demo.clock import Clock, Span, moment
from chuangwen.project.demo.remarks import phrase
from chuangwen.project.demo.rows import District, SiteRow

# Shares of what goes differently; everything else is plain. "late" varies with the street's pace.
SHARES: dict[str, float] = {"returned": 0.04, "reworked": 0.08, "suspended": 0.012, "extended": 0.035, "late": 0.025}
SHORT = 8.0  # hours; what is due this soon is neither suspended nor extended
LINGERING_DAYS = 14  # cases this young may still be stuck somewhere
LINGERING_SHARE = 0.12
STUCK_AFTER = ("dispatch", "receive", "rectify", "verify", "return_back")

Who = tuple[str, str]  # (username, role); the house itself has no username
SYSTEM: Who = ("", "system")
AT_ONCE = Span(0.0, working=False)


@dataclass(frozen=True)
class PlannedMove:
    """One move of a case: who does what, when, and why. The house itself (`role` system) has an empty `by`.

    move: a Move of rules/case_flow.py, or ask_extension, grant_extension. `unit_code` is given on dispatch, `until` on suspend.
    """

    move: str
    at: datetime
    by: str
    role: str
    note: str
    unit_code: str = ""
    until: datetime | None = None


@dataclass(frozen=True)
class PlannedLife:
    """The case of one failed criterion; it was found in `patrols[patrol_no].visits[visit_no]`."""

    patrol_no: int
    visit_no: int
    site_code: str
    criterion_code: str
    opened_at: datetime
    moves: tuple[PlannedMove, ...]

    def closed_by(self, now: datetime) -> bool:
        """Whether the case is closed at that moment."""
        return self.moves[-1].move == "close" and self.moves[-1].at <= now


@dataclass(frozen=True)
class Case:
    """The facts a life grows from; `heard_at`: the visit is over; `unit` puts it right."""

    site: SiteRow
    limit: Span
    remedy: str
    opened_at: datetime
    heard_at: datetime
    inspector: str
    kind: str
    unit: str


class Staff:
    """Who can act for which unit."""

    def __init__(self, district: District) -> None:
        self._parents = {unit.code: unit.parent_code for unit in district.units}
        self._posts: dict[tuple[str, str], str] = {}
        self._by_role: dict[str, list[str]] = {}
        for person in district.people:
            for role, unit in person.posts:
                self._posts.setdefault((unit, role), person.username)
                self._by_role.setdefault(role, []).append(person.username)

    def with_role(self, role: str) -> list[str]:
        """All usernames that hold the role."""
        return self._by_role[role]

    def in_unit(self, unit: str, *roles: str) -> Who:
        """The holder of the first of the roles that is filled in the unit."""
        role = next(role for role in roles if (unit, role) in self._posts)
        return self._posts[unit, role], role

    def chief_above(self, unit: str) -> Who:
        """The unit's own chief, or the nearest one further up."""
        while (unit, "unit_chief") not in self._posts:
            unit = self._parents[unit]
        return self.in_unit(unit, "unit_chief")

    def street_of(self, grid: str) -> str:
        """The street above a grid."""
        return self._parents[self._parents[grid]]

    def instead_of(self, site: SiteRow) -> str:
        """Who takes over what the owner sends back: the community for a firm, else the street, for a street 区城管局."""
        owner, street = site.owner_unit_code, self.street_of(site.grid_code)
        if site.point_type == "RES":
            return self._parents[owner]
        return "CC-CHENGGUAN" if owner == street else street


@dataclass
class _Diary:
    """Moves one after the other; silent once time has run past the last day."""

    clock: Clock
    rng: random.Random
    point_type: str
    at: datetime
    moves: list[PlannedMove] = field(default_factory=list)
    over: bool = False

    def then(
        self,
        move: str,
        wait: Span,
        who: Who,
        templates: tuple[str, ...],
        *,
        since: datetime | None = None,
        unit_code: str = "",
        until: datetime | None = None,
    ) -> None:
        """The next move, so long after the one before or `since` a moment, but never before the one before."""
        at = self.at if wait is AT_ONCE else self.clock.later(since or self.at, wait)
        note = phrase(templates, self.point_type, self.rng)
        if self.over or at is None:
            self.over = True
            return
        self.at = max(at, self.at)
        self.moves.append(PlannedMove(move, self.at, *who, note, unit_code, until))


class Lives:
    """Makes lives: the same findings in the same order give the same lives. `pace`: street -> how slow it is, about 1."""

    def __init__(self, staff: Staff, clock: Clock, rng: random.Random, pace: Mapping[str, float]) -> None:
        self._staff, self._clock, self._rng, self._pace = staff, clock, rng, pace

    def live(
        self, site: SiteRow, limit: Span, *, remedy: str, opened_at: datetime, heard_at: datetime, inspector: str
    ) -> tuple[PlannedMove, ...]:
        """All moves up to closing, or up to where the case stands on the last day.

        Found at `opened_at`, in the middle of a visit; people act on it from `heard_at`, when the visit is over.
        """
        slow = self._pace[self._staff.street_of(site.grid_code)]
        kind = self._kind(limit, slow)
        unit = self._staff.instead_of(site) if kind == "returned" else site.owner_unit_code
        case = Case(site, limit, remedy, opened_at, heard_at, inspector, kind, unit)
        diary = _Diary(self._clock, self._rng, site.point_type, opened_at)
        self._handle(diary, case, slow, since=self._route(diary, case))
        self._check(diary, case)
        young = opened_at > self._clock.end - timedelta(days=LINGERING_DAYS)
        if young and self._rng.random() < LINGERING_SHARE:
            return _cut_after(diary.moves, self._rng.choice(STUCK_AFTER))
        return tuple(diary.moves)

    def _kind(self, limit: Span, slow: float) -> str:
        draw = self._rng.random()
        for kind, share in SHARES.items():
            draw -= share * slow if kind == "late" else share
            if draw < 0:
                return "plain" if limit.hours < SHORT and kind in {"suspended", "extended"} else kind
        return "plain"

    def _minutes(self, case: Case, low: float, high: float) -> Span:
        """Minutes at a desk; what is urgent is moved on after office hours too."""
        urgent = not case.limit.working and case.limit.hours < SHORT
        return Span(self._rng.uniform(low, high) / 60, working=not urgent)

    def _clerk(self) -> Who:
        clerks = self._staff.with_role("office_clerk")
        return self._rng.choices(clerks, [3, *[1] * (len(clerks) - 1)])[0], "office_clerk"

    def _inspector(self, case: Case) -> Who:
        """More often than not the one who found it."""
        other = self._rng.choice(self._staff.with_role("inspector"))
        return (case.inspector if self._rng.random() < 0.6 else other), "inspector"

    def _route(self, diary: _Diary, case: Case) -> datetime:
        """The house sends it to the point's owner at once; one that is not in charge sends it back. From when it counts."""
        owner = case.site.owner_unit_code
        diary.then("accept", AT_ONCE, SYSTEM, ("",))
        diary.then("dispatch", AT_ONCE, SYSTEM, remarks.ROUTED, unit_code=owner)
        dispatched, diary.at = diary.at, case.heard_at
        if case.kind == "returned":
            sender = self._staff.in_unit(owner, "unit_worker")
            diary.then("return_back", self._minutes(case, 10, 100), sender, remarks.RETURNED)
            diary.then("dispatch", self._minutes(case, 2, 14), self._clerk(), remarks.DISPATCHED, unit_code=case.unit)
            dispatched = diary.at
        return dispatched

    def _handle(self, diary: _Diary, case: Case, slow: float, *, since: datetime) -> None:
        """Received and put right after a share of the limit, counted from `since`."""
        rng, worker = self._rng, self._staff.in_unit(case.unit, "unit_worker")
        gone = rng.uniform(0.02, 0.14)
        receiver = self._staff.in_unit(case.unit, "unit_chief", "unit_worker") if rng.random() < 0.4 else worker
        diary.then("receive", Span(min(2.0, case.limit.hours * gone), case.limit.working), receiver, remarks.RECEIVED)
        share = min(0.85, max(gone + 0.03, rng.betavariate(2.2, 2.6) * slow))
        if case.kind == "late":
            share = 1.25 + min(3.0, rng.expovariate(1.3))
        if case.kind == "reworked":
            share *= 0.5
        if case.kind == "suspended":
            since, share = self._suspend(diary, case), share * 0.5
        if case.kind == "extended":
            share = rng.uniform(1.05, 1.7)
            self._extend(diary, case, since)
        diary.then("rectify", case.limit.part(share), worker, (case.remedy,), since=since)

    def _extend(self, diary: _Diary, case: Case, since: datetime) -> None:
        chief, grant = self._staff.chief_above(case.unit), self._minutes(case, 10, 90)
        asked = case.limit.part(self._rng.uniform(0.45, 0.7))
        diary.then("ask_extension", asked, chief, remarks.EXTENSION_ASKED, since=since)
        diary.then("grant_extension", grant, self._clerk(), remarks.EXTENSION_GRANTED)

    def _suspend(self, diary: _Diary, case: Case) -> datetime:
        """Put by until a date, by the office's chief; the house takes it up again that morning. When it is taken up."""
        until = moment(diary.at.date() + timedelta(days=self._rng.randint(25, 200)), 8)
        chief = (self._staff.with_role("office_chief")[0], "office_chief")
        diary.then("suspend", self._minutes(case, 30, 150), chief, remarks.SUSPENDED, until=until)
        if not diary.over:
            wait = Span((until - diary.at).total_seconds() / 3600, working=False)
            diary.then("resume", wait, SYSTEM, remarks.RESUMED)
        return diary.at

    def _check(self, diary: _Diary, case: Case) -> None:
        rng = self._rng
        if case.kind == "reworked":
            diary.then("reject", case.limit.part(rng.uniform(0.02, 0.2)), self._inspector(case), remarks.REJECTED)
            worker = self._staff.in_unit(case.unit, "unit_worker")
            diary.then("rectify", case.limit.part(rng.uniform(0.1, 0.3)), worker, remarks.REWORKED)
        diary.then("verify", Span(rng.uniform(0.2, 7), working=True), self._inspector(case), remarks.VERIFIED)
        diary.then("close", Span(rng.uniform(0.05, 1), working=True), self._clerk(), remarks.CLOSED)


def _cut_after(moves: Sequence[PlannedMove], last: str) -> tuple[PlannedMove, ...]:
    names = [move.move for move in moves]
    return tuple(moves[: names.index(last) + 1] if last in names else moves)
