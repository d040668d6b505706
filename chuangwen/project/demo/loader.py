"""Puts the sample district into an empty database, through the same operations that people use, in the order of time."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction

from chuangwen.cases import extensions
from chuangwen.cases import operations as cases
from chuangwen.evidence.operations import make_thumbnail, store_photo
from chuangwen.jobs.upkeep import refresh_statistics
from chuangwen.patrols.operations import Judgement, finish_visit, plan_patrol, record_findings
from chuangwen.people import operations as people
from chuangwen.people.models import Unit, User
from chuangwen.people.queries import actor_for
from chuangwen.places.models import Site
from chuangwen.places.operations import put_area, put_site
from chuangwen.project.demo import (
    campaigns,
    collect,
    declarations,
    directives,
    evidence,
    forms,
    mocks,
    notices,
    openness,
    plans,
    readiness,
    rechecks,
    residents,
    routing,
    supervision,
    surveys,
    today,
    triage,
    whistles,
)
from chuangwen.project.demo.district import District, sample_district
from chuangwen.project.demo.lives import PlannedLife, PlannedMove
from chuangwen.project.demo.people import INSPECTORS, PASSWORD
from chuangwen.project.demo.pictures import PAIRS, picture_pair
from chuangwen.project.demo.stories import PlannedPatrol, PlannedVisit, Story, plan_story
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.limits import Limit
from chuangwen.rules.permissions import SYSTEM, Actor
from chuangwen.standards.models import Criterion, Edition
from chuangwen.standards.operations import seed_sample
from chuangwen.standards.queries import current_edition, standard_for, work_calendar

MONTHS_BACK = 395  # days: thirteen months
VISITS, CASES = 2200, 5000  # about every sixth judged criterion fails
Tell = Callable[[str, int, int], None]  # what is loaded, how far, out of how many


def is_loaded() -> bool:
    """Whether this database already holds the sample district."""
    return User.objects.filter(is_demo=True).exists()


@contextmanager
def fast_writing() -> Iterator[None]:
    """Loading a sample may be repeated, so it need not wait for the disk after each batch."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=OFF")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=NORMAL")


@transaction.atomic
def load_district(district: District, *, now: datetime, tell: Tell) -> None:
    """Units, areas, people and sites."""
    total = len(district.units) + len(district.areas) + len(district.people) + len(district.sites)
    done = 0
    for unit in district.units:
        people.put_unit(
            code=unit.code,
            name=unit.name,
            kind=unit.kind,
            parent_code=unit.parent_code,
            is_sample=True,
            by=SYSTEM,
            now=now,
        )
    done += len(district.units)
    tell("单位、区域、人员、点位", done, total)
    for area in district.areas:
        put_area(
            code=area.code, name=area.name, kind=area.kind, unit_code=area.unit_code, parent_code=area.parent_code,
            boundary=area.boundary, is_sample=True, by=SYSTEM, now=now,
        )  # fmt: skip
    done += len(district.areas)
    tell("单位、区域、人员、点位", done, total)
    _load_people(district, now)
    done += len(district.people)
    tell("单位、区域、人员、点位", done, total)
    for site in district.sites:
        put_site(
            code=site.code, name=site.name, point_type=site.point_type, owner_code=site.owner_unit_code, lng=site.lng,
            lat=site.lat, area_code=site.grid_code, address=site.address, contact_name=site.contact_name,
            contact_phone=site.contact_phone, leader_name=site.leader_name, is_sample=True, by=SYSTEM, now=now,
        )  # fmt: skip
    tell("单位、区域、人员、点位", total, total)


def _load_people(district: District, now: datetime) -> None:
    shared = make_password(PASSWORD)
    since = (now - timedelta(days=MONTHS_BACK + 30)).date()
    for person in district.people:
        people.put_user(
            username=person.username,
            display_name=person.display_name,
            phone=person.phone,
            is_demo=True,
            by=SYSTEM,
            now=now,
        )
        for role, unit_code in person.posts:
            people.appoint(
                username=person.username, unit_code=unit_code, role=role, starts_on=since, by=SYSTEM, now=now
            )
    User.objects.filter(username__in=[person.username for person in district.people]).update(password=shared)


def plan(
    district: District,
    edition: Edition,
    *,
    today: date,
    days: int = MONTHS_BACK,
    visits: int = VISITS,
    cases: int = CASES,
) -> Story:
    """So many days of patrols and cases that end today, by the published edition and the working calendar."""
    criteria: dict[str, list[tuple[str, str, str]]] = {}
    limits: dict[str, Limit] = {}
    from chuangwen.cases.clock import limit_of

    for row in Criterion.objects.filter(edition=edition, method="field", point_type__isnull=False):
        criteria.setdefault(str(row.point_type_id), []).append((row.code, row.severity, row.text))
        limits[row.code] = limit_of(standard_for(row.case_standard))
    return plan_story(
        district, criteria=criteria, limit_of=limits.__getitem__, is_working=work_calendar().is_working,
        from_day=today - timedelta(days=days), to_day=today, target_visits=visits, target_cases=cases,
    )  # fmt: skip


@dataclass
class _Loading:
    """What the timeline needs at hand."""

    story: Story
    edition: Edition
    sites: Mapping[str, Site]
    units: Mapping[str, int]
    actors: Mapping[str, Actor]
    photo_needed: frozenset[str]
    drawn: list[tuple[bytes, bytes]]
    since: datetime
    patrols: dict[int, int] = field(default_factory=dict)
    cases: dict[tuple[int, int, str], int] = field(default_factory=dict)
    taken: dict[tuple[int, int, int | None], int] = field(default_factory=dict)

    def picture(self, number: int, which: int, by: Actor) -> int:
        """A drawn picture, as if this person had just taken it; 0 is before, 1 after. Returns the photo's id."""
        key = (number, which, by.user_id)
        if key not in self.taken:
            self.taken[key] = store_photo(data=self.drawn[number][which], by=by, now=self.since).pk
        return self.taken[key]

    def who(self, move: PlannedMove) -> Actor:
        return self.actors[move.by] if move.by else SYSTEM


def _drawn(now: datetime) -> list[tuple[bytes, bytes]]:
    pairs = [picture_pair(number) for number in range(PAIRS)]
    for data in (data for pair in pairs for data in pair):
        make_thumbnail(photo_id=store_photo(data=data, by=SYSTEM, now=now).pk)
    return pairs


def _timeline(story: Story) -> list[tuple[datetime, int, Callable[[_Loading], None]]]:
    steps: list[tuple[datetime, int, Callable[[_Loading], None]]] = []
    for number, patrol in enumerate(story.patrols):
        opening = datetime.combine(patrol.day, time(8), SHANGHAI)
        steps.append((opening, len(steps), _planning(number, patrol, opening)))
        for index, visit in enumerate(patrol.visits):
            steps.append((visit.finished_at, len(steps), _visiting(number, index, patrol, visit)))
    for life in story.lives:
        steps += [
            (move.at, len(steps) + place, _moving(life, move)) for place, move in enumerate(_after_filing(life.moves))
        ]
    steps.sort(key=lambda step: step[:2])
    return steps


def _after_filing(moves: Sequence[PlannedMove]) -> Sequence[PlannedMove]:
    """Without the first acceptance and dispatch: the house did both when the case was found."""
    skip = 2 if [move.move for move in moves[:2]] == ["accept", "dispatch"] else 0
    return moves[skip:]


def _planning(number: int, patrol: PlannedPatrol, now: datetime) -> Callable[[_Loading], None]:
    def run(loading: _Loading) -> None:
        inspector = loading.actors[patrol.inspector_username].user_id
        planned = plan_patrol(
            title=patrol.title, edition_id=loading.edition.pk, inspector_ids=[inspector] if inspector else [],
            site_ids=[loading.sites[visit.site_code].pk for visit in patrol.visits], starts_at=now + timedelta(minutes=30),
            ends_at=now + timedelta(hours=10), by=loading.actors["clerk"], now=now,
        )  # fmt: skip
        loading.patrols[number] = planned.pk

    return run


def _visiting(number: int, index: int, patrol: PlannedPatrol, visit: PlannedVisit) -> Callable[[_Loading], None]:
    def run(loading: _Loading) -> None:
        site, by = loading.sites[visit.site_code], loading.actors[patrol.inspector_username]
        patrol_id = loading.patrols[number]
        judged = [verdict for verdict in visit.verdicts if verdict[1] != "pass"]
        span = (visit.finished_at - visit.started_at) / (len(judged) + 1)
        judgements = [
            _judgement(loading, site, by, code, verdict, note, visit.started_at + span * place)
            for place, (code, verdict, note) in enumerate(judged, start=1)
        ]
        found = record_findings(
            patrol_id=patrol_id, site_id=site.pk, judgements=judgements, by=by, now=visit.started_at
        )
        for judgement, finding in zip(judgements, found, strict=True):
            if finding.case_id is not None:
                loading.cases[number, index, judgement.criterion_code] = finding.case_id
        finish_visit(patrol_id=patrol_id, site_id=site.pk, rest_passes=True, by=by, now=visit.finished_at)

    return run


def _judgement(
    loading: _Loading, site: Site, by: Actor, code: str, verdict: str, note: str, found_at: datetime
) -> Judgement:
    failed = verdict == "fail"
    photos = [loading.picture(hash_of(site.code, code), 0, by)] if failed and code in loading.photo_needed else []
    return Judgement(code, verdict, note, photos, lng=site.lng, lat=site.lat, found_at=found_at)


def hash_of(*words: str) -> int:
    """A steady choice among the drawn pictures."""
    return sum(ord(letter) * place for place, letter in enumerate("".join(words), start=1)) % PAIRS


def _moving(life: PlannedLife, move: PlannedMove) -> Callable[[_Loading], None]:
    def run(loading: _Loading) -> None:
        case_id = loading.cases.get((life.patrol_no, life.visit_no, life.criterion_code))
        if case_id is not None:
            _apply(loading, case_id, life, move)

    return run


def _apply(loading: _Loading, case_id: int, life: PlannedLife, move: PlannedMove) -> None:
    by, now, note = loading.who(move), move.at, move.note
    if move.move == "dispatch":
        cases.dispatch(case_id=case_id, unit_id=loading.units[move.unit_code], note=note, by=by, now=now)
    elif move.move == "rectify":
        needed = life.criterion_code in loading.photo_needed
        photos = [loading.picture(hash_of(life.site_code, life.criterion_code), 1, by)] if needed else []
        cases.rectify(case_id=case_id, note=note, photo_ids=photos, by=by, now=now)
    elif move.move == "suspend":
        cases.suspend(case_id=case_id, reason=note, until=move.until, by=by, now=now)
    elif move.move == "ask_extension":
        extensions.ask_extension(case_id=case_id, reason=note, by=by, now=now)
    elif move.move == "grant_extension":
        extensions.decide_extension(case_id=case_id, granted=True, by=by, now=now)
    elif move.move in {"return_back", "reject"}:
        getattr(cases, move.move)(case_id=case_id, reason=note, by=by, now=now)
    elif move.move == "receive":
        cases.receive(case_id=case_id, by=by, now=now)
    else:
        getattr(cases, move.move)(case_id=case_id, note=note, by=by, now=now)


def load_story(story: Story, edition: Edition, *, now: datetime, tell: Tell) -> None:
    """Walk through the months: every visit, finding and move at its own time."""
    loading = _Loading(
        story=story,
        edition=edition,
        sites={site.code: site for site in Site.objects.all()},
        units=dict(Unit.objects.values_list("code", "pk")),
        actors={user.username: actor_for(user, now.date()) for user in User.objects.filter(is_demo=True)},
        photo_needed=frozenset(
            Criterion.objects.filter(edition=edition, photo_on_fail=True).values_list("code", flat=True)
        ),
        drawn=_drawn(now - timedelta(days=MONTHS_BACK + 1)),
        since=now - timedelta(days=MONTHS_BACK + 1),
    )
    steps = [step for step in _timeline(story) if step[0] <= now]
    for start in range(0, len(steps), 400):
        with transaction.atomic():
            for _, _, run in steps[start : start + 400]:
                run(loading)
        tell("巡查与案件", min(start + 400, len(steps)), len(steps))


def load(*, now: datetime, tell: Tell, target: District | None = None) -> None:
    """The whole sample: district, standards, thirteen months of work."""
    district = target or sample_district()
    with fast_writing():
        load_district(district, now=now, tell=tell)
        seed_sample(by=SYSTEM, now=now - timedelta(days=MONTHS_BACK + 2))
        edition = current_edition()
        if edition is None:
            raise RuntimeError("the sample edition was not published")
        load_story(plan(district, edition, today=now.astimezone(SHANGHAI).date()), edition, now=now, tell=tell)
        today.load(edition=edition, now=now)
        campaigns.load(edition=edition, now=now)
        supervision.load(edition=edition, now=now)
        whistles.load(now=now)
        residents.load(now=now)
        surveys.load(edition=edition, now=now)
        routing.load(now=now)
        triage.load(now=now)
        rechecks.load(now=now)
        mocks.load(edition=edition, now=now)
        directives.load(now=now)
        declarations.load(edition=edition, now=now)
        forms.load(edition=edition, now=now)
        collect.load(username=INSPECTORS[0], now=now)
        evidence.load(now=now)
        openness.load(now=now)
        notices.load(now=now)
        readiness.load(edition=edition, now=now)
        plans.load(edition=edition, now=now)
    refresh_statistics(whole=True)
