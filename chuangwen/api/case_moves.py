"""The moves of a case, one endpoint each, named as in rules/case_flow; a test holds both together."""

from collections.abc import Callable

from django.http import HttpRequest
from ninja import Router

from chuangwen.api.errors import answers
from chuangwen.api.schemas.case_bodies import (
    Acceptance,
    HandOver,
    Noted,
    Plain,
    Reasoned,
    Rectification,
    Rejection,
    Submission,
    Suspension,
    Verification,
)
from chuangwen.api.schemas.cases import CaseStanding
from chuangwen.api.schemas.common import RowId
from chuangwen.cases import operations
from chuangwen.http import actor_of, now_of
from chuangwen.people.queries import unit_by_code
from chuangwen.rules.case_flow import Move
from chuangwen.rules.refusals import BadInput, NotFound

router = Router(tags=["案件办理"])
Endpoint = Callable[..., object]


def _of(move: Move) -> Callable[[Endpoint], Endpoint]:
    """The address and the answers that every move has."""
    shape = answers(CaseStanding, conflict=True)
    address, name = f"/{{case_id}}/{move.value}", f"{move.value}_case"
    return router.post(address, response=shape, summary=move.label, operation_id=name)


def _make(request: HttpRequest, operation: Endpoint, case_id: int, body: Submission, **more: object) -> object:
    given = {**body.model_dump(), **more}
    return operation(case_id=case_id, **given, by=actor_of(request), now=now_of(request))


def _hand_over(request: HttpRequest, operation: Endpoint, case_id: int, body: HandOver) -> object:
    try:
        unit_id = unit_by_code(body.unit).pk
    except NotFound as refusal:
        raise BadInput(refusal.objections) from refusal
    given = body.model_dump(exclude={"unit"})
    return operation(case_id=case_id, unit_id=unit_id, **given, by=actor_of(request), now=now_of(request))


@_of(Move.ACCEPT)
def accept(request: HttpRequest, case_id: RowId, body: Acceptance) -> object:
    """The report is a case, by this standard or the one already found."""
    return _make(request, operations.accept, case_id, body)


@_of(Move.REFUSE)
def refuse(request: HttpRequest, case_id: RowId, body: Reasoned) -> object:
    """Not a case, and why."""
    return _make(request, operations.refuse, case_id, body)


@_of(Move.DISPATCH)
def dispatch(request: HttpRequest, case_id: RowId, body: HandOver) -> object:
    """Give the case to a unit; its clock starts."""
    return _hand_over(request, operations.dispatch, case_id, body)


@_of(Move.ASSIGN)
def assign(request: HttpRequest, case_id: RowId, body: HandOver) -> object:
    """Pass the case down the own branch; the clock runs on."""
    return _hand_over(request, operations.assign, case_id, body)


@_of(Move.RETURN)
def return_back(request: HttpRequest, case_id: RowId, body: Reasoned) -> object:
    """Not ours, and why; the clock stands still."""
    return _make(request, operations.return_back, case_id, body)


@_of(Move.RECEIVE)
def receive(request: HttpRequest, case_id: RowId, body: Plain) -> object:
    """The unit has taken note and begins."""
    return _make(request, operations.receive, case_id, body)


@_of(Move.RECTIFY)
def rectify(request: HttpRequest, case_id: RowId, body: Rectification) -> object:
    """Handed in as put right; the deadline is judged by this moment."""
    return _make(request, operations.rectify, case_id, body)


@_of(Move.VERIFY)
def verify(request: HttpRequest, case_id: RowId, body: Verification) -> object:
    """Somebody else looked: it is put right."""
    return _make(request, operations.verify, case_id, body)


@_of(Move.REJECT)
def reject(request: HttpRequest, case_id: RowId, body: Rejection) -> object:
    """Not put right: back to the unit, counted as rework."""
    return _make(request, operations.reject, case_id, body)


@_of(Move.CLOSE)
def close(request: HttpRequest, case_id: RowId, body: Noted) -> object:
    """Done, checked, filed."""
    return _make(request, operations.close, case_id, body)


@_of(Move.FORCE_CLOSE)
def force_close(request: HttpRequest, case_id: RowId, body: Reasoned) -> object:
    """Closed by decision of the office's chief."""
    return _make(request, operations.force_close, case_id, body)


@_of(Move.CANCEL)
def cancel(request: HttpRequest, case_id: RowId, body: Reasoned) -> object:
    """It was no case after all."""
    return _make(request, operations.cancel, case_id, body)


@_of(Move.SUSPEND)
def suspend(request: HttpRequest, case_id: RowId, body: Suspension) -> object:
    """挂账: cannot be solved now; the clock stands until the day given."""
    return _make(request, operations.suspend, case_id, body)


@_of(Move.RESUME)
def resume(request: HttpRequest, case_id: RowId, body: Noted) -> object:
    """The suspension ends; the clock goes on."""
    return _make(request, operations.resume, case_id, body)
