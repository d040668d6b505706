"""Reading models; the doors to proposals and topics are in their own files."""

from collections.abc import Sequence

from chuangwen.triage.models import Target, TextClassifier

TARGETS: Sequence[tuple[str, str]] = [(target.value, str(target.label)) for target in Target]


def classifiers() -> Sequence[TextClassifier]:
    """The newest models without their content."""
    return list(TextClassifier.objects.defer("content")[:30])
