"""Pictures that come with a report."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from django.http import HttpRequest

from chuangwen.evidence.arriving import Arriving, arriving
from chuangwen.rules.refusals import BadInput

MOST = 4


@contextmanager
def media(request: HttpRequest) -> Iterator[list[Arriving]]:
    """Every file sent as `media`, kept in temporary files until the end of the block. Refuses with every one that is no
    picture.
    """
    files = request.FILES.getlist("media")
    if len(files) > MOST:
        raise BadInput(f"media 最多 {MOST} 张图片。")
    with ExitStack() as stack:
        pictures, wrong = [], []
        for file in files:
            try:
                pictures.append(stack.enter_context(arriving(file)))
            except BadInput as refusal:
                wrong += [f"{file.name}：{sentence}" for sentence in refusal.objections]
        if wrong:
            raise BadInput(wrong)
        yield pictures
