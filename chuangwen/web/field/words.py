"""What the scripts of the phone say. Kept apart from the words of every page: only phones need them."""

from django.utils.translation import gettext as _


def _keeping() -> dict[str, str]:
    return {
        "field_app": _("创文"),
        "field_kept": _("已存在手机上，等待上传。"),
        "field_kept_long": _("已存在手机上，联网后自动上传。"),
        "field_sending": _("正在上传"),
        "field_refused": _("系统没有收下："),
        "field_again": _("再试"),
        "field_full": _(
            "手机空间已满，这一项没有存下来，内容还在这一页上，请不要关闭。"
            "有网络时可以马上发送；或者删去手机里不用的照片、应用，再存一次。"
        ),
        "field_send_now": _("马上发送"),
        "field_keep_again": _("再存一次"),
        "field_outside": _("手机给出的位置不在本区，没有记录。不影响保存。"),
        "server_busy": _("服务器暂时没有收下，稍后自动再试。"),
        "photo_gone": _("这一项的照片不在手机上了，请打开重新拍照。"),
    }


def _waiting() -> dict[str, str]:
    return {
        "field_waiting": _("{n} 项待上传"),
        "field_to_correct": _("{n} 项没有收下，要改"),
        "field_waiting_title": _("待上传"),
        "field_list_head": _("{n} 项存在这台手机上，按记录的先后自动上传。"),
        "field_list_empty": _("都上传了，手机上没有等待的内容。"),
        "field_send_all": _("现在上传"),
        "field_correct": _("打开修改"),
        "field_look": _("打开看"),
        "field_copy": _("复制文字"),
        "field_copied": _("文字已复制。"),
        "field_as_note": _("作为备注写进案件"),
        "field_note_label": _("备注"),
        "field_late_note": _("（没有赶上的记录）{label}：{text}"),
        "field_drop": _("不要了，删去"),
        "field_drop_sure": _("删去以后找不回来。确定删去“{label}”？"),
        "field_held_back": _("等本点的判定都上传后再提交完成。"),
        "field_theirs": _("别人写的：{text}"),
        "field_recorded": _("{when} 记录"),
        "field_photos": _("{n} 张照片"),
        "field_photos_here": _("{n} 张照片还在，会一起提交。"),
        "field_strangers": _("这台手机上还有{name}的 {n} 项没有上传，本人登录后自动上传。别人看不到内容。"),
        "field_stop_network": _("现在连不上服务器，联网后自动上传。"),
        "field_stop_server": _("服务器暂时没有收下，稍后自动再试。"),
        "field_stop_login": _("登录已过期。待上传的内容都在手机上，登录后接着上传。"),
        "field_stop_other_person": _("现在登录的是另一个人。您的内容都在手机上，本人登录后接着上传。"),
        "field_stop_nobody": _("请登录。"),
        "field_stop_busy": _("正在上传。"),
        "field_login": _("登录"),
        "field_stop_full": _("手机空间已满，新的巡查和检查单没有带全。请删去手机里不用的照片、应用，再打开“今天”。"),
    }


def _asking() -> dict[str, str]:
    return {
        "field_reason_needed": _("退回须写明理由，便于责任单位整改。"),
        "field_note_needed": _("请写明做了什么。"),
        "field_after_needed": _("上报时有照片，请附整改后的照片。"),
        "field_title_needed": _("请用一句话写明问题。"),
        "field_where_needed": _("请选择点位、定位，或写明位置。"),
        "field_unanswered": _("「{label}」必须回答。"),
        "field_wrong": _("「{label}」{text}"),
        "field_note_wanted": _("这条标准不合格时须写明情况。"),
        "ask_long": _("有 {n} 个字，最多 {most} 个。"),
        "ask_integer": _("“{text}”应是整数（最多 9 位）。"),
        "ask_decimal": _("“{text}”应是数字。"),
        "ask_date": _("“{text}”应是日期，如 2026-05-01。"),
        "ask_geopoint": _("“{text}”应是纬度和经度，如 32.01 120.86。"),
        "ask_unfit": _("“{text}”不符合要求，请核对。"),
        "field_left": _("还有 {n} 条没有判定。都看过且合格的，请先勾选上面一项。"),
        "field_finish": _("完成本点"),
    }


def _pages() -> dict[str, str]:
    return {
        "field_home": _("今天"),
        "field_rounds": _("要走的巡查"),
        "field_no_round": _("今天没有安排给您的巡查"),
        "field_planned": _("第 {n} 站，计划 {time} 到"),
        "field_no_round_text": _("文明办安排后会出现在这里。路上看到问题，可以直接上报。"),
        "field_tasks": _("其他任务"),
        "field_checks": _("等您核查的整改"),
        "field_mine": _("要您整改的"),
        "field_reported": _("您上报的、还没有办结的"),
        "field_nothing": _("现在没有要您办的"),
        "field_nothing_text": _("派给您的事会出现在这里。"),
        "field_from_to": _("{from} 至 {to}"),
        "field_done": _("已完成，全部合格"),
        "field_done_failed": _("已完成，{n} 条不合格"),
        "field_carve_outs": _("不算问题：{text}"),
        "field_contact": _("联系人 {name}"),
        "field_case": _("已立案 {number}，已派给 {unit}。"),
        "field_questions": _("附加问题（{n}）"),
        "field_no_list": _("这类点位没有检查条目"),
        "field_no_list_text": _("请联系文明办补充测评标准。"),
        "field_before": _("整改前照片"),
        "field_after": _("整改后照片"),
        "field_no_before": _("上报时没有照片"),
        "field_no_photo": _("没有照片"),
        "field_picture_later": _("照片联网后可看"),
        "field_closes_when": _("结案条件：{text}"),
        "field_check": _("核查 {number}"),
        "field_case_title": _("整改 {number}"),
        "field_sent_back": _("上次退回的理由：{text}"),
        "field_checks_title": _("待核查的整改"),
        "field_checks_hint": _("{n} 件等待核查，等得久的在前。自己和本单位整改的不会出现。"),
        "field_no_checks": _("没有等您核查的整改"),
        "field_no_checks_text": _("责任单位提交整改后会出现在这里。"),
        "field_report": _("上报问题"),
        "field_missing": _("这一页不在手机上"),
        "field_missing_text": _("没有网络时只能看带下来的内容。联网后再打开这一页。"),
        "field_missing_login": _("请联网登录一次，之后没有信号也能用。"),
        "field_day": _("{month}月{day}日"),
        "field_today": _("今天"),
        "field_days": _("{n} 天"),
        "field_hours": _("{n} 小时"),
        "field_left_time": _("还剩 {span}"),
        "field_late": _("已超期 {span}"),
    }


def _along() -> dict[str, str]:
    """Further questions, pictures, second looks, case standards."""
    return {
        "field_questions_left": _("还有 {n} 题必须回答"),
        "field_questions_done": _("必答的都答了"),
        "field_questions_title": _("附加问题"),
        "field_take_position": _("用手机当前位置"),
        "field_must": _("必答"),
        "field_position_hint": _("填纬度和经度，如 32.01 120.86。"),
        "field_photo_before": _("已有一张照片；重新拍会换掉它。"),
        "field_picture_of": _("示意图"),
        "field_picture_show": _("看示意图（{size}）"),
        "field_pictures_told": _("检查单的示意图 {n} 张，共 {size}。"),
        "field_pictures_here": _("都在手机上。"),
        "field_pictures_left": _("有网络时自动取来。"),
        "field_pictures_off": _("没有带，要看时再取。"),
        "field_pictures_skip": _("不带示意图"),
        "field_pictures_take": _("带上示意图"),
        "field_second": _("复核 {name}"),
        "field_second_hint": _("按您现在看到的判。做完以前，看不到这个点位以前的巡查结果和案件。"),
        "field_second_finish": _("完成复核"),
        "field_standards": _("立案标准"),
        "field_standards_found": _("{n} 条，共 {all} 条。"),
        "field_standard_limit": _("处置时限：{text}"),
    }


def field_words() -> dict[str, str]:
    """Every sentence of the phone's scripts under the key by which `word()` of words.js finds it."""
    return {**_keeping(), **_waiting(), **_asking(), **_pages(), **_along()}
