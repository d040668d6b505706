"""The worker: small steps that do one thing and say whether there was work."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import close_old_connections
from django.utils import timezone

from chuangwen.jobs.reactions import REACTIONS
from chuangwen.jobs.sending import send_once
from chuangwen.jobs.timetable import TIMETABLE
from chuangwen.journal.log import BATCH, place_waiting
from chuangwen.journal.operations import (
    claim_next,
    claim_run,
    finish_run,
    mark_handled,
    push_ahead,
    settle_without_reaction,
)
from chuangwen.rules.refusals import Refused

log = logging.getLogger(__name__)
PLACING = timedelta(seconds=1)  # how long an event waits for its place in the log, at most, while there is other work


def react_once(now: datetime) -> bool:
    """Handle one waiting event. A failure is pushed ahead and never blocks those behind it."""
    event = claim_next(kinds=REACTIONS, now=now)
    if event is None:
        return settle_without_reaction(kinds=REACTIONS, now=now) > 0
    try:
        for reaction in REACTIONS[event.kind]:
            reaction(event, now)
    except Exception as error:
        log.exception("reaction to event %s (%s) failed", event.pk, event.kind)
        push_ahead(event=event, error=f"{type(error).__name__}: {error}", now=now)
    else:
        mark_handled(event_id=event.pk, now=now)
    return True


def tick_once(now: datetime) -> bool:
    """Do every piece of scheduled work whose last moment nobody has claimed yet; what cannot be done now says why."""
    worked = False
    for entry in TIMETABLE:
        moment = entry.last_moment(now)
        run = claim_run(name=entry.name, moment=moment, now=now)
        if run is None:
            continue
        worked = True
        try:
            entry.work(moment, now)
        except Refused as refusal:
            sentences = "".join(refusal.objections)
            log.warning("定时任务“%s”没有做：%s", entry.name, sentences)
            finish_run(run=run, now=now, error=sentences)
        except Exception as error:
            log.exception("scheduled work %s failed", entry.name)
            finish_run(run=run, now=now, error=f"{type(error).__name__}: {error}")
        else:
            finish_run(run=run, now=now)
    return worked


def place_once() -> bool:
    """Put events that were committed meanwhile into the log of the journal; whether more of them wait."""
    return place_waiting() == BATCH


def work_forever(stop: threading.Event, clock: Callable[[], datetime] = timezone.now) -> None:
    """Place, react and tick until told to stop; rests a second when nothing waits."""
    place_at = clock()
    while not stop.is_set():
        try:
            close_old_connections()
            more = clock() >= place_at and place_once()
            if not more and clock() >= place_at:
                place_at = clock() + PLACING
            busy = react_once(clock()) or more
            busy = send_once(clock()) or busy
            tick_once(clock())
        except Exception:
            log.exception("the worker stumbled and goes on")
            busy = False
        if not busy:
            stop.wait(1.0)


def start_inside() -> threading.Event:
    """Run the worker in a thread of this process; set the returned event to end it."""
    stop = threading.Event()
    threading.Thread(target=work_forever, args=(stop,), name="chuangwen-worker", daemon=True).start()
    return stop
