"""工作量: what was asked of each role this month, by what, and how much may be asked. Open to everybody who is logged in."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from chuangwen.asked.queries import asked_in
from chuangwen.burden import operations
from chuangwen.burden.queries import budgets, claims, home_of, minutes_rows
from chuangwen.http import Context, actor_of, door, now_of
from chuangwen.people.listing import unit_kinds
from chuangwen.rules.burden import Line, Room, hours, lines_of, month_of
from chuangwen.rules.permissions import Permission, Role, may
from chuangwen.rules.refusals import NotFound, Refused
from chuangwen.web.desk.attempts import attempt, seen_version
from chuangwen.web.wording import BEIJING

_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")
SHOWN = (
    Role.INSPECTOR,
    Role.UNIT_WORKER,
    Role.UNIT_CHIEF,
    Role.GRID_WORKER,
    Role.OFFICE_CLERK,
    Role.OFFICE_CHIEF,
    Role.LEADER,
)


@dataclass(frozen=True)
class Account:
    """One role's month."""

    role: Role
    room: Room
    version: int
    lines: Sequence[tuple[Line, str, str]]  # with the kind of unit and the time as words
    claims: Sequence[tuple[Any, str]]

    @property
    def asked(self) -> int:
        """Minutes, all together."""
        return self.room.routine + self.room.claimed

    @property
    def words(self) -> dict[str, str]:
        """The figures as people say them."""
        left = self.room.left
        return {
            "asked": hours(self.asked), "budget": "" if self.room.budget is None else hours(self.room.budget),
            "left": "" if left is None else hours(left),
        }  # fmt: skip

    @property
    def over(self) -> bool:
        """More is asked than may be."""
        return self.room.left is not None and self.room.left < 0

    @property
    def budget_hours(self) -> str:
        """The budget as the form holds it."""
        return "" if self.room.budget is None else f"{Decimal(self.room.budget) / 60:.1f}".removesuffix(".0")


def _month(request: HttpRequest) -> date:
    found = _MONTH.fullmatch(request.GET.get("month", ""))
    return date(int(found[1]), int(found[2]), 1) if found else month_of(now_of(request).astimezone(BEIJING).date())


def _accounts(home: Any, month: date, minutes: Mapping[Any, Decimal]) -> list[Account]:
    lines, limits, claimed = lines_of(asked_in(home, month), minutes), budgets(home.pk, month), claims(home.pk, month)
    kinds, found = unit_kinds(), []
    for role in SHOWN:
        own = [line for line in lines if line.role is role]
        taken = [claim for claim in claimed if claim.role == role.value]
        limit = limits.get(role)
        room = Room(
            role, month, limit.minutes if limit else None, sum(line.minutes for line in own),
            sum(claim.minutes for claim in taken),
        )  # fmt: skip
        rows = [(line, str(kinds.get(line.unit_kind, "")), hours(line.minutes)) for line in own]
        if rows or taken or limit:
            found.append(
                Account(role, room, limit.version if limit else 0, rows, [(one, hours(one.minutes)) for one in taken])
            )
    return found


def _number(text: str) -> Decimal | None:
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def _save(request: HttpRequest, month: date) -> HttpResponse:
    by, now, post = actor_of(request), now_of(request), request.POST
    here = f"{reverse('web:desk:burden')}?month={month:%Y-%m}"
    if post.get("act") == "minutes":
        operations.put_minutes(
            task=post.get("task", ""),
            minutes=_number(post.get("minutes", "")),
            source=post.get("source", ""),
            by=by,
            now=now,
        )
        messages.success(request, _("标准分钟已保存，以后按它计算。"))
        return redirect(f"{here}#minutes")
    if post.get("act") != "budget":
        raise NotFound
    said = _number(post.get("hours", ""))
    operations.put_budget(
        role=post.get("role", ""), month=month, minutes=None if said is None else int(said * 60), by=by, now=now,
        seen_version=seen_version(request),
    )  # fmt: skip
    messages.success(request, _("上限已保存。以后启动的排查、专项和督查，要放得下才能启动。"))
    return redirect(here)


@door(Permission.BURDEN_SEE)
@require_http_methods(["GET", "HEAD", "POST"])
def burden(request: HttpRequest) -> HttpResponse:
    """The month of every role: asked, by what, the most that may be asked."""
    actor, month = actor_of(request), _month(request)
    if request.method == "POST" and not may(actor, Permission.BURDEN_SET):
        raise Refused(operations.NOT_CHIEF)
    tried = attempt(request, lambda: _save(request, month))
    if tried.went is not None:
        return tried.went
    home, rows = home_of(actor), minutes_rows()
    accounts = _accounts(home, month, {row.task: row.minutes for row in rows}) if home is not None else []
    free = [
        role for role in SHOWN if role not in {account.role for account in accounts if account.room.budget is not None}
    ]
    context: Context = {
        "month": month, "home": home, "accounts": accounts, "minutes": rows, "objections": tried.objections,
        "may_set": may(actor, Permission.BURDEN_SET), "free": free, "posted": request.POST, "now": now_of(request),
        "before": month_of(month - timedelta(days=1)), "after": month_of(month + timedelta(days=32)),
    }  # fmt: skip
    return render(request, "desk/burden.html", context, status=tried.status)


urls = [path("burden/", burden, name="burden")]
