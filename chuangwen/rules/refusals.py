"""How the house says no: sentences for a person, every objection at once."""

from collections.abc import Iterable


class _Objections(Exception):
    def __init__(self, objections: str | Iterable[str]) -> None:
        sentences = (objections,) if isinstance(objections, str) else tuple(objections)
        self.objections: tuple[str, ...] = sentences
        super().__init__("\n".join(sentences))


class BadInput(_Objections, ValueError):
    """Something handed in cannot be read; nothing of it was taken."""


class Refused(_Objections):
    """An operation is not allowed or not possible now; nothing was changed."""


class NotFound(Refused):
    """Unknown, or not for this person to see: both look alike."""

    def __init__(self, sentence: str = "没有找到，或者您无权查看。") -> None:
        super().__init__(sentence)


class Conflict(Refused):
    """Somebody else changed the same thing in between."""

    def __init__(self, objections: str | Iterable[str], *, yours: str = "", theirs: str = "") -> None:
        super().__init__(objections)
        self.yours = yours
        self.theirs = theirs
