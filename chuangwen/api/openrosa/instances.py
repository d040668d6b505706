"""Reading a filled form: the XML of an instance becomes a FilledForm, or every reason why it cannot."""

import re
from collections.abc import Iterator
from datetime import datetime
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from chuangwen.rules.refusals import BadInput, NotFound
from chuangwen.rules.submissions import Filled, FilledForm
from chuangwen.standards.xlsform import FormFields, find_form, form_fields

ID_MOST = 249
XML_MOST = 2 * 1024 * 1024
_UNREADABLE = "表单记录不是完整的 XML，可能没有传完。请在 ODK Collect 里重新发送。"
_NUMBER = re.compile(r"\d{1,18}")
_NAMED = 8
_VERDICTS = ("pass", "fail", "na")


def read_xml(data: bytes) -> Element:
    """The root of an instance; refuses what is no XML, has entities or a DTD, or is far too long for a filled form."""
    if not data.strip():
        raise BadInput("表单记录是空的。请在 ODK Collect 里重新发送。")
    if len(data) > XML_MOST:
        raise BadInput(f"表单记录超过 {XML_MOST // 1024 // 1024} MB，不像是填写的表单。")
    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except DefusedXmlException as error:
        raise BadInput("表单记录里有不允许的实体或文档类型声明，没有收下。") from error
    except (ParseError, ValueError, LookupError) as error:
        raise BadInput(_UNREADABLE) from error
    return root


def read_instance(root: Element) -> tuple[FilledForm, list[str]]:
    """What was filled in, by the checklist that the form was made from; and the names of fields that the checklist does
    not have (any more), which are said and not dropped in silence. Raises BadInput or NotFound.
    """
    form_id = root.get("id", "")
    head = find_form(form_id) if 0 < len(form_id) <= ID_MOST else None
    if head is None:
        raise NotFound(f"服务器上没有编号为“{form_id[:60]}”的表单。请在 ODK Collect 里更新表单后重新填写。")
    fields = form_fields(head.edition_id, head.point_type)
    texts = {_local(node): (node.text or "").strip() for node in _leaves(root)}
    instance_id, deprecated_id = _meta(root, "instanceID"), _meta(root, "deprecatedID")
    version, site = root.get("version", ""), texts.get(fields.site, "")
    objections = [] if instance_id else ["记录没有编号（instanceID），没有收下。请用 ODK Collect 填写和发送。"]
    if max(len(instance_id), len(deprecated_id), len(version)) > ID_MOST:
        objections.append(f"记录编号或版本超过 {ID_MOST} 个字符。")
    objections += [] if _NUMBER.fullmatch(site) else ["记录里没有选点位。请补选后重新发送。"]
    criteria = tuple(_filled(fields, texts))
    rest_passes = bool(texts.get(fields.rest_passes))
    objections += [] if criteria or rest_passes else ["记录里没有任何判定。请判定后重新发送。"]
    objections += [f"{one.code} 的判定“{one.verdict[:20]}”不认识。" for one in criteria if one.verdict not in _VERDICTS]
    if objections:
        raise BadInput(objections)
    questions = [*fields.questions, *(row for one in fields.criteria for row in one.questions)]
    answers = {row.name: texts[row.name] for row in questions if row.type != "note" and texts.get(row.name)}
    form = FilledForm(
        instance_id=instance_id, deprecated_id=deprecated_id, form_id=form_id, version=version,
        edition_id=head.edition_id, point_type=head.point_type, site_id=int(site), found_at=_moment(texts),
        rest_passes=rest_passes, criteria=criteria, answers=answers,
        pictures=tuple(row.name for row in questions if row.type == "image" and row.name in answers),
    )  # fmt: skip
    return form, _unknown(root, fields)


def _unknown(root: Element, fields: FormFields) -> list[str]:
    known = {"start", "end", fields.site, fields.rest_passes, *(row.name for row in fields.questions)}
    for one in fields.criteria:
        known |= {one.verdict, one.note, one.photo, one.place, *(row.name for row in one.questions)}
    filled = [_local(node) for node in _leaves(root) if (node.text or "").strip()]
    return [name for name in dict.fromkeys(filled) if name not in known][:_NAMED]


def _filled(fields: FormFields, texts: dict[str, str]) -> Iterator[Filled]:
    for one in fields.criteria:
        if verdict := texts.get(one.verdict):
            note, photo, place = (texts.get(name, "") for name in (one.note, one.photo, one.place))
            failed = verdict == "fail"
            yield Filled(one.code, verdict, note if failed else "", photo if failed else "", place if failed else "")


def _local(node: Element) -> str:
    return str(node.tag).rpartition("}")[2]


def _leaves(root: Element) -> Iterator[Element]:
    """The fields of the form, without those of `meta`."""
    for node in root:
        if _local(node) == "meta":
            continue
        if len(node):
            yield from _leaves(node)
        else:
            yield node


def _meta(root: Element, name: str) -> str:
    for meta in root:
        if _local(meta) == "meta":
            return next(((node.text or "").strip() for node in meta if _local(node) == name), "")
    return ""


def _moment(texts: dict[str, str]) -> datetime | None:
    """When it was filled in: its end, else its start; None when the form says neither with a zone."""
    for name in ("end", "start"):
        try:
            moment = datetime.fromisoformat(texts.get(name, ""))
        except ValueError:
            continue
        if moment.tzinfo is not None:
            return moment
    return None
