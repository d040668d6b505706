"""Drawn stand-ins for photos: a bit of street with litter, and the same bit clean. No real place, no text."""

import io
import random

from PIL import Image, ImageDraw

SIZE = (640, 480)
PAIRS = 48


def _scene(draw: ImageDraw.ImageDraw, rng: random.Random) -> int:
    sky = (rng.randint(170, 215), rng.randint(200, 225), rng.randint(215, 240))
    draw.rectangle((0, 0, *SIZE), fill=sky)
    horizon = rng.randint(190, 250)
    left = 0
    while left < SIZE[0]:
        width, height = rng.randint(70, 150), rng.randint(70, 170)
        shade = rng.randint(120, 205)
        draw.rectangle((left, horizon - height, left + width, horizon), fill=(shade, shade - 8, shade - 20))
        for x in range(left + 12, left + width - 16, 26):
            for y in range(horizon - height + 12, horizon - 18, 30):
                draw.rectangle((x, y, x + 12, y + 16), fill=(shade - 45, shade - 35, shade - 20))
        left += width + rng.randint(0, 14)
    ground = rng.randint(120, 165)
    draw.rectangle((0, horizon, *SIZE), fill=(ground, ground, ground - 6))
    for x in range(-SIZE[0], SIZE[0] * 2, 80):
        draw.line((320 + (x - 320) // 3, horizon, x, SIZE[1]), fill=(ground - 18, ground - 18, ground - 22), width=2)
    return horizon


def _litter(draw: ImageDraw.ImageDraw, rng: random.Random, horizon: int) -> None:
    colours = ((196, 84, 60), (222, 205, 160), (80, 120, 168), (238, 238, 232), (96, 110, 70))
    for _ in range(rng.randint(9, 22)):
        x, y, size = rng.randint(20, 600), rng.randint(horizon + 50, 450), rng.randint(9, 34)
        shape = draw.ellipse if rng.random() < 0.4 else draw.rectangle
        shape((x, y, x + size, y + size * 2 // 3), fill=rng.choice(colours), outline=(90, 84, 76))


def _jpeg(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=72)
    return out.getvalue()


def picture_pair(number: int) -> tuple[bytes, bytes]:
    """Before and after, as JPEG bytes; the same number always gives the same pair."""
    rng = random.Random(number)
    image = Image.new("RGB", SIZE)
    draw = ImageDraw.Draw(image)
    horizon = _scene(draw, rng)
    after = _jpeg(image)
    _litter(draw, rng, horizon)
    return _jpeg(image), after
