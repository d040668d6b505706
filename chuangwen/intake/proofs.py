"""Puzzles: asked only where much arrives, solved once, worked on by the browser or answered by the person."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core import signing
from django.db import IntegrityError, transaction
from django.db.models import Count, Q
from django.utils.crypto import constant_time_compare, salted_hmac

from chuangwen.intake.models import RecentSender, SpentProof
from chuangwen.rules.proofs import BITS, LASTS, is_solved, proof_needed, read_answer, sum_in_words
from chuangwen.rules.refusals import Refused

WINDOW = timedelta(hours=1)
_SALT = "chuangwen.intake.proof"
AGAIN = "请回答表单最后的小问题（防止程序成批提交），再点提交；您写的内容都还在。"


@dataclass(frozen=True)
class Puzzle:
    """A task for the browser, and the sum for those whose browser runs no scripts."""

    task: str
    question: str
    bits: int = BITS


def sender_digest(sender: str) -> str:
    """A keyed digest of an address."""
    return salted_hmac("chuangwen.intake", sender, algorithm="sha256").hexdigest()


def _hidden(key: str, answer: int) -> str:
    return salted_hmac(_SALT, f"{key}:{answer}", algorithm="sha256").hexdigest()


def new_puzzle(now: datetime) -> Puzzle:
    """One that nobody has seen."""
    key = secrets.token_hex(8)
    question, answer = sum_in_words((secrets.randbelow(8), secrets.randbelow(8)))
    task = signing.dumps([key, int(now.timestamp()), _hidden(key, answer)], salt=_SALT)
    return Puzzle(task, question)


def puzzle_for(sender: str, now: datetime) -> Puzzle | None:
    """A puzzle, where so much arrived from this network or from everywhere in the last hour that one is needed."""
    here, everywhere = recent_counts(sender_digest(sender), now)
    return new_puzzle(now) if proof_needed(from_here=here, from_all=everywhere) else None


def recent_counts(digest: str, now: datetime) -> tuple[int, int]:
    """How many submissions came in the last hour from this network, and from everywhere; one statement."""
    recent = RecentSender.objects.filter(sent_at__gt=now - WINDOW)
    found = recent.aggregate(here=Count("pk", filter=Q(digest=digest)), everywhere=Count("pk"))
    return found["here"], found["everywhere"]


@dataclass(frozen=True)
class Proof:
    """What came back: the task, the number that a script found, or what a person typed."""

    task: str = ""
    number: str = ""
    answer: str = ""

    def spend(self, now: datetime) -> None:
        """Take it, once. Refuses what is missing, wrong, old or used."""
        try:
            key, asked, hidden = signing.loads(self.task, salt=_SALT)
        except (signing.BadSignature, ValueError, TypeError):
            raise Refused(AGAIN) from None
        typed = read_answer(self.answer)
        right = typed is not None and constant_time_compare(_hidden(key, typed), hidden)
        if not (right or is_solved(self.task, self.number)):
            raise Refused("小问题答得不对，请看清楚再答一次；您写的内容都还在。" if self.answer.strip() else AGAIN)
        if not 0 <= now.timestamp() - asked <= LASTS:
            raise Refused("页面打开得太久了，请回答新的小问题再提交；您写的内容都还在。")
        try:
            with transaction.atomic():
                SpentProof.objects.create(key=hashlib.sha256(key.encode()).hexdigest(), spent_at=now)
        except IntegrityError:
            raise Refused(AGAIN) from None
