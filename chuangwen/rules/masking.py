"""Boxes over faces and number plates, as shares of a picture. Covered means gone: one plain colour, no blur.

《个人信息保护法》第二十六条：在公共场所采集的个人图像只能用于维护公共安全，公开须取得个人单独同意。
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chuangwen.rules.refusals import BadInput

MOST_BOXES = 40
SMALLEST = 0.002  # of a side; a slip of the finger, not a box


@dataclass(frozen=True)
class Box:
    """Left, top, width, height as shares (0 to 1) of the upright picture."""

    left: float
    top: float
    width: float
    height: float

    def pixels(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Left, top, right, bottom in pixels of a picture of this size, rounded outwards; right and bottom excluded."""
        right, bottom = min(self.left + self.width, 1.0), min(self.top + self.height, 1.0)
        return (int(self.left * width), int(self.top * height), -int(-right * width // 1), -int(-bottom * height // 1))

    def row(self) -> list[float]:
        """As it is kept: four numbers with four places."""
        return [round(number, 4) for number in (self.left, self.top, self.width, self.height)]


def read_boxes(rows: Iterable[Sequence[str]]) -> tuple[Box, ...]:
    """Boxes from what a form sends: left, top, width, height in per cent; wholly empty rows are left out.

    Refuses with every objection named.
    """
    boxes, objections = [], []
    for number, row in enumerate(rows, start=1):
        if not any(text.strip() for text in row):
            continue
        try:
            left, top, width, height = (float(text) / 100 for text in row)
        except ValueError:
            objections.append(f"第 {number} 个框的四个数没有填全，或不是数字。")
            continue
        inside = 0 <= left < 1 and 0 <= top < 1 and left + width <= 1.001 and top + height <= 1.001
        if not (inside and width >= SMALLEST and height >= SMALLEST):
            objections.append(f"第 {number} 个框超出照片或太小，请重画。")
            continue
        boxes.append(Box(left, top, width, height))
    if len(boxes) > MOST_BOXES:
        objections.append(f"一张照片最多画 {MOST_BOXES} 个框。")
    if objections:
        raise BadInput(objections)
    return tuple(boxes)
