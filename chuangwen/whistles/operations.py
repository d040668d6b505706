"""Every way a whistle changes: one door for the edges."""

from chuangwen.whistles.answering import arrive, confirm, finish, object_to, rate_fit
from chuangwen.whistles.blowing import Call, NewWhistle, blow
from chuangwen.whistles.deciding import OUTCOMES, decide, propose
from chuangwen.whistles.leading import call_off, close_whistle, see_arrival, send_back
from chuangwen.whistles.promises import put_promise, seed_promises

__all__ = [
    "OUTCOMES",
    "Call",
    "NewWhistle",
    "arrive",
    "blow",
    "call_off",
    "close_whistle",
    "confirm",
    "decide",
    "finish",
    "object_to",
    "propose",
    "put_promise",
    "rate_fit",
    "see_arrival",
    "seed_promises",
    "send_back",
]
