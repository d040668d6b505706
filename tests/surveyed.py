"""A wave of the usual questionnaire in the small district."""

from dataclasses import replace
from datetime import date, timedelta

from chuangwen.standards.models import Edition
from chuangwen.surveys import operations as work
from chuangwen.surveys.models import Survey, Wave
from tests.world import NOW, World

FIRST_DAY = date(2020, 6, 20)
FACTS = work.WaveFacts("2020 年上半年", FIRST_DAY, date(2020, 7, 20), open_link=True)
NUMBERS = [[3, 8, 15, 20, 26, 33], [7], [0, 4, 9]]
SHEET = {"age": ["60+"], "sex": ["f"], "know": ["heard"], "joined": ["clean"], "content": ["4"]}


def held(
    world: World, *, of: Survey | None = None, day: date = FIRST_DAY, started: bool = True, open_link: bool = True,
    quotas: dict[str, int] | None = None, margins: dict[str, dict[str, float]] | None = None,
) -> Wave:  # fmt: skip
    """A wave with a published version, open unless said otherwise."""
    clerk, chief = world.actor("clerk"), world.actor("chief")
    if of is None:
        of = work.create_survey(title="居民问卷", by=clerk, now=NOW)
        work.publish_form(form_id=of.forms.get().pk, by=chief, now=NOW)
    edition, _new = Edition.objects.get_or_create(
        code="S-2020", defaults={"name": "测评标准", "published_at": NOW, "updated_at": NOW}
    )
    facts = replace(
        FACTS, starts_on=day, ends_on=day + timedelta(days=30), open_link=open_link, quotas=quotas, margins=margins,
        edition_id=edition.pk,
    )  # fmt: skip
    wave = work.plan_wave(survey_id=of.pk, facts=facts, by=clerk, now=NOW)
    return work.start_wave(wave_id=wave.pk, by=clerk, now=NOW) if started else wave
