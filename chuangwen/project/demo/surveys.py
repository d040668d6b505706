"""Two waves of the residents' questionnaire: one of half a year ago with its results, one that is being held now.

The sheets come from a fixed sequence; the households, the draw, the closing and the results go through the operations.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from chuangwen.people.models import Post, Unit
from chuangwen.people.queries import actor_by_username, streets
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.draw_seeds import known_from
from chuangwen.rules.draws import select
from chuangwen.rules.permissions import Actor, Role
from chuangwen.standards.models import Edition
from chuangwen.surveys import operations as work
from chuangwen.surveys.answering import fingerprint_of
from chuangwen.surveys.models import Answer, Channel, Invitation, Outcome, Remark, Survey, Wave
from chuangwen.surveys.results import compute_results
from chuangwen.surveys.sampling import decide_sample, publish_frame

HOUSEHOLDS, DRAWN = 60, 320  # in each street; in all
NUMBERS = ([3, 8, 15, 20, 26, 33], [7], [0, 4, 9])
AGES = {"18-34": 3000.0, "35-59": 4200.0, "60+": 2800.0}
WISHES = (
    "小区信报箱坏了，希望换新的", "信报箱锈了，请换新", "楼下没有划禁停线，消防车进不来", "请在 3 号楼门口划禁停线", "非机动车棚太小，充电不够",
    "楼道灯不亮", "希望多放几个分类垃圾桶", "信报箱门掉了，换新信报箱",
)  # fmt: skip


def load(*, edition: Edition, now: datetime) -> None:
    """Less than two seconds."""
    chief, clerk = _somebody(Role.OFFICE_CHIEF, now), _somebody(Role.OFFICE_CLERK, now)
    if chief is None or clerk is None:
        return
    begun = now - timedelta(days=230)
    survey = work.create_survey(title="文明创建居民问卷", by=clerk, now=begun, client_key="demo-survey")
    form = survey.forms.order_by("number").first()
    places = list(streets(survey.home.path)[:12])
    if form is None or len(places) < 2:
        return
    work.publish_form(form_id=form.pk, by=chief, now=begun)
    today = now.astimezone(SHANGHAI).date()
    first = _wave(survey, edition, places, clerk, begun, today - timedelta(days=210), "上一轮")
    _answer(first, 0.72, 0.9, first.starts_on)
    work.close_wave(wave_id=first.pk, by=clerk, now=begun + timedelta(days=60))
    compute_results(wave_id=first.pk, now=begun + timedelta(days=60))
    second = _wave(survey, edition, places, clerk, now - timedelta(days=25), today - timedelta(days=14), "本轮")
    _answer(second, 0.84, 0.7, second.starts_on)
    compute_results(wave_id=second.pk, now=now)


def _somebody(role: Role, now: datetime) -> Actor | None:
    post = Post.objects.filter(role=role.value).select_related("user").order_by("pk").first()
    return actor_by_username(post.user.username, now.date()) if post else None


def _wave(
    survey: Survey, edition: Edition, places: list[Unit], clerk: Actor, at: datetime, day: date, title: str
) -> Wave:
    facts = work.WaveFacts(
        title, day, day + timedelta(days=40), edition_id=edition.pk, open_link=True,
        margins={"street": {place.code: 9000.0 + 1700 * n for n, place in enumerate(places)}, "age": AGES, "sex": {"f": 5150.0, "m": 4850.0}},
    )  # fmt: skip
    wave = work.plan_wave(survey_id=survey.pk, facts=facts, by=clerk, now=at, client_key=f"demo-wave-{title}")
    lines = [
        f"{place.code}-{n:03},{place.code},{place.name} {n} 号" for place in places for n in range(1, HOUSEHOLDS + 1)
    ]
    publish_frame(wave_id=wave.pk, text="\n".join(["户编号,街道,地址", *lines]), wanted=DRAWN, by=clerk, now=at)
    announced = Wave.objects.get(pk=wave.pk).announced_on
    later = known_from(announced) + timedelta(hours=1) if announced else at
    decide_sample(wave_id=wave.pk, numbers=NUMBERS, by=clerk, now=later)
    return work.start_wave(wave_id=wave.pk, by=clerk, now=later)


def _sheets(known: float, size: int) -> Iterator[dict[str, object]]:
    """Sheets in a fixed order that looks like none."""
    order = select(key=f"{known}./", pool=997, count=size)
    for n, turn in enumerate(order):
        aware = (turn * 37) % 100 < 100 * known
        yield {
            "age": ("18-34", "35-59", "60+", "60+")[turn % 4], "sex": "f" if turn % 5 < 3 else "m",
            "know": ("well" if turn % 2 else "heard") if aware else "no", "joined": ["clean"] if aware and n % 3 == 0 else ["none"],
            "content": 1 + min(4, (turn % 7)), "around.mail": "bad" if turn % 3 == 0 else "fair",
        }  # fmt: skip


def _answer(wave: Wave, known: float, share: float, day: date) -> None:
    """Most of the drawn households answer; of the others some are never in and some do not want to."""
    invited = list(Invitation.objects.filter(wave=wave).order_by("household"))
    answers, wishes = [], []
    for n, (one, sheet) in enumerate(zip(invited, _sheets(known, len(invited)), strict=True)):
        one.tries = 1 + n % 2
        if (n * 61) % 100 >= 100 * share:
            one.outcome = (Outcome.NOBODY, Outcome.REFUSED, Outcome.GONE, Outcome.WAITING)[n % 4].value
            continue
        one.outcome = Outcome.ANSWERED.value
        channel = (Channel.VISIT, Channel.CODE, Channel.VISIT, Channel.PAPER)[n % 4]
        seconds = None if channel == Channel.PAPER else 8 if n % 90 == 1 else 75 + n % 60
        answers.append(
            Answer(
                wave=wave, street_id=one.street_id, channel=channel.value, sampled=True, answers=sheet, seconds=seconds,
                flags=["fast"] if seconds == 8 else [], fingerprint=fingerprint_of(wave.pk, {**sheet, "n": n}), day=day,
            )
        )  # fmt: skip
        if n % 9 == 0:
            wishes.append(
                Remark(wave=wave, question="wish", text=WISHES[n // 9 % len(WISHES)], street_id=one.street_id)
            )
    Invitation.objects.bulk_update(invited, ["outcome", "tries"], batch_size=200)
    Answer.objects.bulk_create(answers)
    Remark.objects.bulk_create(wishes)
