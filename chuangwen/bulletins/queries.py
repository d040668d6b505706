"""Looking at papers: the doors, and whether what they say holds."""

from django.db.models import QuerySet

from chuangwen.bulletins.checks import holds
from chuangwen.bulletins.models import Paper, PaperKind
from chuangwen.bulletins.monthly import ranking_table
from chuangwen.bulletins.papers import official
from chuangwen.journal.models import Event
from chuangwen.rules.official_paper import objections as paper_objections
from chuangwen.rules.permissions import Actor, Permission, may
from chuangwen.rules.refusals import NotFound
from chuangwen.scores.queries import league_table, recompute
from chuangwen.scores.reach import manages, seen_by

# What makes somebody the first person of a paper -> how a refusal says it.
HANDS = {"paper.drafted": "起草", "paper.edited": "最后修改"}


def paper_kinds() -> dict[str, str]:
    """The kinds of paper with their Chinese words."""
    return {kind.value: str(kind.label) for kind in PaperKind}


def papers_for(actor: Actor) -> QuerySet[Paper]:
    """The papers an actor may look at, newest period first, without their contents."""
    if not may(actor, Permission.PAPER_SEE):
        return Paper.objects.none()
    return Paper.objects.filter(seen_by(actor)).select_related("scope").defer("sections", "figures")


def paper_for(actor: Actor, paper_id: int) -> Paper:
    """The door: the paper when the actor may see it. Unseen and unknown look alike."""
    paper = papers_for(actor).defer(None).select_related("scope", "sheet").filter(pk=paper_id).first()
    if paper is None:
        raise NotFound
    return paper


def may_edit(actor: Actor, paper: Paper) -> bool:
    """Whether this person could change or withdraw the draft."""
    return may(actor, Permission.PAPER_DRAFT) and manages(actor, paper.scope) and not paper.is_released


def may_release(actor: Actor, paper: Paper) -> bool:
    """Whether this person could make the paper official."""
    return may(actor, Permission.PAPER_RELEASE) and manages(actor, paper.scope) and not paper.is_released


def own_hand(actor: Actor, paper: Paper) -> list[str]:
    """Why this person is not the second one that a release needs: who drafted a paper or edited it last does not release it.

    A draft by the house itself has no drafter; then whoever releases it is the person who read it.
    """
    hands = Event.objects.filter(subject_kind="paper", subject_id=paper.pk, actor_id__isnull=False)
    last = dict(hands.filter(kind__in=HANDS).order_by("id").values_list("kind", "actor_id"))
    found = [word for kind, word in HANDS.items() if actor.user_id is not None and last.get(kind) == actor.user_id]
    if not found:
        return []
    drafted = "请另一位主任发布，或撤回后由专员重新起草。"
    way = drafted if HANDS["paper.drafted"] in found else "请由专员看过并保存一次，或请另一位主任发布。"
    return [f"这份草稿是您{'、'.join(found)}的，发布须由另一人把关。{way}"]


def released_papers(scope_code: str = "", kind: str = "") -> QuerySet[Paper]:
    """Everything that was made public, newest first, without contents; of one branch or kind when named."""
    rows = Paper.objects.filter(released_at__isnull=False).select_related("scope").defer("sections", "figures")
    rows = rows.filter(scope__code=scope_code) if scope_code else rows
    return (rows.filter(kind=kind) if kind else rows).order_by("-released_at", "-id")


def public_paper(paper_id: int) -> Paper:
    """A released paper for anybody; drafts look as if there were none."""
    paper = released_papers().defer(None).select_related("scope", "sheet").filter(pk=paper_id).first()
    if paper is None:
        raise NotFound
    return paper


def printed_roots() -> list[tuple[str, int, str]]:
    """The roots of the journal that released papers carry: number of the paper, size, hex."""
    papers = Paper.objects.filter(trace_size__isnull=False).order_by("trace_size", "pk")
    return [(paper.number, paper.trace_size or 0, paper.trace_root) for paper in papers.defer("sections", "figures")]


def check_paper(paper: Paper) -> list[str]:
    """Everything in a paper that does not hold, as sentences; an empty list when it holds.

    Parts add up to wholes, shares follow from counts, tables sum to the figures, the text says the figures' numbers,
    nothing personal stands in it, it has every element of an official paper, and a ranking is the one of its score
    sheet, which follows from its basis.
    """
    found = [*paper_objections(official(paper)), *holds(paper.sections, paper.figures)]
    if paper.sheet is not None:
        found += _ranking_differs(paper)
        found += recompute(paper.sheet)
    return found


def _ranking_differs(paper: Paper) -> list[str]:
    if paper.sheet is None:
        return []
    if (paper.sheet.period_start, paper.sheet.period_end) != (paper.starts_on, paper.ends_on):
        return ["得分表不是本期的。"]
    tables = {table["key"]: table for section in paper.sections for table in section["tables"]}
    printed = tables["ranking"]["rows"] if "ranking" in tables else []
    rows = [list(row) for row in ranking_table(league_table(paper.sheet)).rows]
    return [] if printed == rows else ["排名表与得分表不一致。"]
