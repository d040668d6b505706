"""Taking in filled forms. All of a form becomes findings in one stroke, or it is held, or it is refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import IO

from django.db import transaction

from chuangwen.evidence.operations import store_photo
from chuangwen.journal.operations import record
from chuangwen.patrols import operations as patrols
from chuangwen.patrols.models import Finding, Patrol, Verdict, Visit
from chuangwen.people.models import User
from chuangwen.places.models import Site
from chuangwen.rules.permissions import Actor
from chuangwen.rules.phone_clock import judged_at
from chuangwen.rules.refusals import BadInput, Conflict, NotFound, Refused
from chuangwen.rules.submissions import FAR_METRES, Filled, FilledForm, client_key, metres, position
from chuangwen.submissions.models import Part, Submission
from chuangwen.submissions.queries import round_of

_MOST_NAMED = 8


@dataclass(frozen=True)
class Receipt:
    """What became of a form. `filed`: this very upload made the findings. Sentences are for the person."""

    filed: bool
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Parcel:
    """An upload: the form, the digest of its bytes, files by name, and the moment of sending by the phone's clock."""

    form: FilledForm
    digest: str
    files: Mapping[str, IO[bytes]]
    sent_at: datetime | None = None


@transaction.atomic
def receive_form(*, parcel: Parcel, by: Actor, now: datetime) -> Receipt:
    """Take in a form or further pictures of it. The same upload again changes nothing, also at the same moment.

    Refuses a form that its sender may not file, another form under a known number, and a file that is no picture;
    then nothing of this upload is kept.
    """
    # One person's uploads take turns, so that two forms of one place never both find it unfinished.
    User.objects.select_for_update(no_key=True).filter(pk=by.user_id or 0).first()
    row, sentences = _known_or_new(parcel, by, now)
    wanted = list(row.wanted)
    _take_parts(row, {name: parcel.files[name] for name in wanted if name in parcel.files}, by, now)
    if spare := sorted(parcel.files.keys() - set(wanted)):
        sentences.append(f"表单里没有提到、没有收下的附件：{_named(spare)}。")
    if row.filed_at is not None:
        return Receipt(False, ("这份记录以前已收到，没有重复登记。", *sentences))
    photos = dict(Part.objects.filter(submission=row).values_list("name", "photo_id"))
    if missing := [name for name in wanted if name not in photos]:
        waiting = f"已收到，还差 {len(missing)} 个附件（{_named(missing)}），收齐后登记。请保持发送，不要删除这份记录。"
        return Receipt(False, (waiting, *sentences))
    return Receipt(True, (*_file(row, photos, by, now), *sentences))


def _named(names: list[str]) -> str:
    more = f"等 {len(names)} 个" if len(names) > _MOST_NAMED else ""
    return "、".join(names[:_MOST_NAMED]) + more


def _known_or_new(parcel: Parcel, by: Actor, now: datetime) -> tuple[Submission, list[str]]:
    form = parcel.form
    same = Submission.objects.select_for_update()
    if row := same.filter(instance_id=form.instance_id).first():
        return _same(row, parcel, by), []
    patrol = round_of(form, user_id=by.user_id, judged_at=form.found_at, now=now)
    moment = judged_at(
        found_at=form.found_at, sent_at=parcel.sent_at or now, received_at=now, earliest=min(patrol.created_at, now)
    )
    fields = {
        "sender_id": by.user_id, "form_id": form.form_id, "form_version": form.version[:120], "digest": parcel.digest,
        "wanted": form.wanted, "filled": form.kept(), "received_at": now, "judged_at": moment.at,
    }  # fmt: skip
    row, created = Submission.objects.get_or_create(instance_id=form.instance_id, defaults=fields)
    if not created:  # the same form at the same moment: the other upload was quicker
        return _same(same.get(pk=row.pk), parcel, by), []
    _set_aside(form, patrol, by, now)
    record(
        kind="submission.received", subject_kind="submission", subject_id=row.pk, by=by, now=now,
        instance=form.instance_id, form=form.form_id, attachments=len(row.wanted),
    )  # fmt: skip
    return row, [moment.note] if moment.note else []


def _same(row: Submission, parcel: Parcel, by: Actor) -> Submission:
    if row.sender_id != by.user_id:
        raise NotFound("这个记录编号由别人用过。请在 ODK Collect 里新填一份。")
    if row.digest != parcel.digest:
        raise Conflict("同一个记录编号已收到过内容不同的一份，这一份没有收下。请在 ODK Collect 里新填一份。")
    if row.replaced_at is not None:
        raise Conflict("这份记录已由修改后的一份代替，不再需要发送。")
    return row


def _set_aside(form: FilledForm, patrol: Patrol, by: Actor, now: datetime) -> None:
    """An edit: the earlier form is not filed any more, or, when it was, may still be corrected by this one."""
    if not form.deprecated_id:
        return
    row = Submission.objects.select_for_update().filter(instance_id=form.deprecated_id, sender_id=by.user_id).first()
    if row is None or row.replaced_at is not None:
        return
    if row.visit_id is None:
        row.replaced_at, row.filled = now, None
        row.save(update_fields=["replaced_at", "filled"])
    elif not Visit.objects.filter(pk=row.visit_id, patrol=patrol, site_id=form.site_id).exists():
        raise Refused("修改已登记的记录时不能改换点位。请按原点位修改，另一个点位请新填一份。")


def _take_parts(row: Submission, files: Mapping[str, IO[bytes]], by: Actor, now: datetime) -> None:
    objections: list[str] = []
    for name, file in files.items():
        try:
            photo = store_photo(data=file, by=by, now=now)
        except BadInput as refusal:
            objections += [f"附件“{name}”：{sentence}" for sentence in refusal.objections]
            continue
        part, _ = Part.objects.get_or_create(submission=row, name=name, defaults={"photo": photo})
        if part.photo_id != photo.pk:
            objections.append(f"附件“{name}”已收到过内容不同的一张，这一张没有收下。")
    if objections:
        raise BadInput(objections)


def _file(row: Submission, photos: Mapping[str, int], by: Actor, now: datetime) -> list[str]:
    form = FilledForm.of(row.filled or {})
    patrol = round_of(form, user_id=by.user_id, judged_at=row.judged_at, now=now)
    where = {"patrol_id": patrol.pk, "site_id": form.site_id}
    site = Site.objects.get(pk=form.site_id)
    sentences: list[str] = []
    judgements = [_judgement(one, row, photos, site, sentences, now) for one in form.criteria]
    findings = patrols.record_findings(**where, judgements=judgements, by=by, now=now) if judgements else []
    if form.answers:
        # After the findings, which say when the visit began; without any the answers do.
        began = now if findings else row.judged_at
        patrols.record_answers(
            patrol_id=patrol.pk, site_id=form.site_id, answers=_with_photos(form, photos), by=by, now=began
        )
    sentences += _finish(form, row, where, by, now)
    visit = Visit.objects.get(**where, inspector_id=by.user_id)
    sentences += _left_as_judged(form, visit)
    row.visit, row.filed_at, row.filled = visit, now, None
    row.save(update_fields=["visit", "filed_at", "filled"])
    failed = sum(finding.verdict == Verdict.FAIL for finding in findings)
    return [f"{site.name}：登记判定 {len(findings)} 条，其中不合格 {failed} 条。", *sentences]


def _with_photos(form: FilledForm, photos: Mapping[str, int]) -> dict[str, str]:
    """The answers, with the number of the stored picture where the form has a file name."""
    return {
        name: str(photos[value]) if name in form.pictures and value else value for name, value in form.answers.items()
    }


def _judgement(
    one: Filled, row: Submission, photos: Mapping[str, int], site: Site, sentences: list[str], now: datetime
) -> patrols.Judgement:
    where, note = position(one.place) if one.place else None, one.note
    if one.place and (where is None or metres(where, (site.lng, site.lat)) > FAR_METRES):
        sentences.append(f"{one.code} 的定位不在辖区附近，没有作为位置收下，已写进说明。请检查手机定位。")
        note = f"{note}（手机定位：{one.place[:60]}）"
        where = None
    lng, lat = where or (None, None)
    return patrols.Judgement(
        one.code, one.verdict, note=note, photo_ids=[photos[one.photo]] if one.photo else [], lng=lng, lat=lat,
        client_key=client_key(row.instance_id, one.code), found_at=row.judged_at, sent_at=now,
    )  # fmt: skip


def _finish(form: FilledForm, row: Submission, where: dict[str, int], by: Actor, now: datetime) -> list[str]:
    """Finish the visit when everything was judged. What was judged is kept also when something is still open."""
    try:
        patrols.finish_visit(**where, rest_passes=form.rest_passes, by=by, now=now, ended_at=row.judged_at, sent_at=now)
    except Refused as refusal:
        return [f"点位还没有完成：{sentence}" for sentence in refusal.objections]
    return ["点位已完成。"]


def _left_as_judged(form: FilledForm, visit: Visit) -> list[str]:
    """An edit cannot take a verdict back, only give another one: say which ones stand as they were."""
    if not form.deprecated_id:
        return []
    again = [one.code for one in form.criteria]
    stands = Finding.objects.filter(visit=visit, verdict=Verdict.FAIL).exclude(criterion__code__in=again)
    codes = list(stands.order_by("criterion__position", "pk").values_list("criterion__code", flat=True))
    return [f"修改后的表单没有重新判定、仍按不合格保留：{_named(codes)}。"] if codes else []
