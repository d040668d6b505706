"""How others look at surveys: doors, lists, progress, stored results and the rates of an edition."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from chuangwen.people.models import Unit
from chuangwen.people.queries import streets, units_in_scope
from chuangwen.places.models import Site
from chuangwen.rules.permissions import OFFICE, Actor, Role
from chuangwen.rules.questionnaires import Questionnaire, unpacked
from chuangwen.rules.refusals import NotFound
from chuangwen.surveys.models import Answer, Channel, Form, Invitation, Outcome, Remark, Survey, Wave, WaveState

__all__ = ["Channel"]  # the words of the models that pages need

SEES = (*OFFICE, Role.LEADER)
MOST_VISITS = 200
ENDED = (Outcome.REFUSED.value, Outcome.GONE.value, Outcome.ANSWERED.value)


def home_of(by: Actor) -> Unit | None:
    """The branch in which the office of this person holds surveys."""
    return Unit.objects.filter(path=min(by.scopes(*OFFICE), key=len, default="")).first()


def surveys_for(actor: Actor) -> QuerySet[Survey]:
    """The questionnaires of the branches that this person looks after, newest first."""
    if actor.system:
        return Survey.objects.select_related("home")
    reach = Q(pk__in=[])
    for scope in set(actor.scopes(*SEES)):
        reach |= Q(home__path__startswith=scope)
    return Survey.objects.filter(reach).select_related("home").order_by("-id")


def with_waves(rows: QuerySet[Survey]) -> QuerySet[Survey]:
    """Beside each questionnaire how many waves it had and how many are open."""
    return rows.annotate(
        wave_count=Count("waves", distinct=True),
        open_count=Count("waves", filter=Q(waves__state=WaveState.OPEN.value), distinct=True),
    )


def survey_for(actor: Actor, survey_id: int) -> Survey:
    """The door to a questionnaire."""
    found = surveys_for(actor).filter(pk=survey_id).first()
    if found is None:
        raise NotFound
    return found


def forms_of(survey: Survey) -> Sequence[Form]:
    """Its versions, newest first."""
    return list(survey.forms.order_by("-number"))


def waves_of(survey: Survey) -> Sequence[Wave]:
    """Its waves with the number of answers, newest first; without the long frames."""
    rows = survey.waves.defer("frame", "addresses", "record", "results").annotate(sheets=Count("answers"))
    return list(rows.select_related("form").order_by("-starts_on", "-id")[:50])


def form_for(actor: Actor, form_id: int) -> Form:
    """The door to a version."""
    found = Form.objects.select_related("survey__home").filter(pk=form_id, survey__in=surveys_for(actor)).first()
    if found is None:
        raise NotFound
    return found


def wave_for(actor: Actor, wave_id: int) -> Wave:
    """The door to a wave."""
    rows = Wave.objects.select_related("survey__home", "form", "edition")
    found = rows.filter(pk=wave_id, survey__in=surveys_for(actor)).first()
    if found is None:
        raise NotFound
    return found


def questionnaire_of(form: Form) -> Questionnaire:
    """The questions of a version."""
    return unpacked(form.content)


def open_wave(token: str) -> Wave:
    """The wave with this public word, whatever its state."""
    rows = Wave.objects.select_related("survey__home", "form").defer("frame", "addresses", "record", "results")
    found = rows.filter(token=token[:24]).first()
    if found is None:
        raise NotFound("没有这份问卷，请核对链接。")
    return found


def draw_record_of(token: str) -> dict[str, Any]:
    """The published record of a wave's draw; not found before it was drawn."""
    wave = Wave.objects.filter(token=token[:24]).only("record").first()
    if wave is None or wave.record is None:
        raise NotFound("这一轮没有抽样，或者还没有抽。")
    return dict(wave.record)


def streets_of(wave: Wave) -> Sequence[Unit]:
    """The streets in which it is held."""
    return list(streets(wave.survey.home.path))


@dataclass(frozen=True)
class StreetProgress:
    """One street: households drawn by outcome, answers, and what the quota wants."""

    code: str
    name: str
    drawn: int
    outcomes: Mapping[str, int]
    answers: int
    quota: int

    @property
    def rate(self) -> float | None:
        """Households that answered, of those drawn that are inhabited (AAPOR's RR1: who was not reached counts)."""
        eligible = self.drawn - self.outcomes.get(Outcome.GONE.value, 0)
        return self.outcomes.get(Outcome.ANSWERED.value, 0) / eligible if eligible > 0 else None


def progress_of(wave: Wave) -> Sequence[StreetProgress]:
    """Street by street. Three statements."""
    places = streets_of(wave)
    drawn: dict[int, dict[str, int]] = {}
    for row in Invitation.objects.filter(wave=wave).order_by().values("street_id", "outcome").annotate(n=Count("id")):
        drawn.setdefault(row["street_id"], {})[row["outcome"]] = row["n"]
    rows = Answer.objects.filter(wave=wave, left_out="").order_by().values("street_id").annotate(n=Count("id"))
    sheets = {row["street_id"]: row["n"] for row in rows}
    return [
        StreetProgress(
            place.code, place.name, sum(drawn.get(place.pk, {}).values()), drawn.get(place.pk, {}),
            sheets.get(place.pk, 0), int(wave.quotas.get(place.code, 0)),
        )
        for place in places
    ]  # fmt: skip


def invitations_of(wave: Wave) -> Sequence[Invitation]:
    """The drawn households in the order of streets, for letters to them."""
    return list(Invitation.objects.filter(wave=wave).select_related("street").order_by("street__path", "household"))


def flagged_answers(wave: Wave) -> QuerySet[Answer]:
    """Sheets with something odd about them, and those left out."""
    rows = Answer.objects.filter(wave=wave).exclude(flags=[], left_out="")
    return rows.select_related("street").order_by("id")


def remarks_of(wave: Wave) -> Sequence[Remark]:
    """What was written."""
    return list(Remark.objects.filter(wave=wave).select_related("street", "case", "site").order_by("id")[:2000])


def remark_for(actor: Actor, remark_id: int) -> Remark:
    """The door to a remark."""
    rows = Remark.objects.select_related("wave__survey", "street", "site", "case")
    found = rows.filter(pk=remark_id, wave__survey__in=surveys_for(actor)).first()
    if found is None:
        raise NotFound
    return found


def visits_for(actor: Actor) -> QuerySet[Invitation]:
    """Drawn households of open waves in the streets where this person works, not yet ended."""
    reach = Q(street__in=units_in_scope(actor).values("pk"))
    own = Unit.objects.filter(path__in=_paths_above(actor.unit_paths())).values("pk")
    rows = Invitation.objects.filter(reach | Q(street__in=own), wave__state=WaveState.OPEN.value)
    return rows.exclude(outcome__in=ENDED).order_by("tries", "street_id", "household", "id")


def _paths_above(paths: Sequence[str]) -> set[str]:
    found = set()
    for path in paths:
        parts = [part for part in path.split("/") if part]
        joined = ["/".join(parts[: at + 1]) for at in range(len(parts))]
        lead, tail = "/" if path.startswith("/") else "", "/" if path.endswith("/") else ""
        found |= {f"{lead}{one}{tail}" for one in joined}
    return found


def visit_for(actor: Actor, invitation_id: int) -> Invitation:
    """The door to a household that this person may visit."""
    rows = visits_for(actor).select_related("wave__form", "wave__survey__home", "street")
    found = rows.filter(pk=invitation_id).first()
    if found is None:
        raise NotFound("这一户已经办完，或者不在您的辖区。")
    return found


def site_of(wave: Wave, token: str) -> Site | None:
    """The place whose printed code led here, if it lies in the wave's branch."""
    rows = Site.objects.select_related("street").filter(token=token, active=True)
    return rows.filter(home__path__startswith=wave.survey.home.path).first() if token else None


# --- for other rooms ---


@dataclass(frozen=True)
class QuestionRate:
    """A rate of the whole branch, in shares from 0 to 1, with its 95 % interval."""

    name: str
    rate: float
    low: float
    high: float
    respondents: int


def questionnaire_rates(edition_id: int, *, now: datetime) -> tuple[QuestionRate, ...]:
    """The rates of the latest finished wave held for this edition; empty where there is none with shown figures."""
    rows = Wave.objects.filter(edition_id=edition_id, state=WaveState.CLOSED.value, computed_at__lte=now)
    wave = rows.exclude(results=None).only("results").order_by("-ends_on", "-id").first()
    if wave is None or wave.results is None:
        return ()
    return tuple(
        QuestionRate(row["name"], row["rate"], row["low"], row["high"], row["respondents"])
        for row in wave.results["rates"]
        if row["shown"]
    )


def results_of(wave: Wave) -> dict[str, Any] | None:
    """What was computed last; None before."""
    return wave.results
