"""Drawn places that look like inspection photos: a street, a market, a corridor, each from many stands and hours.

Two shots of one kind of place share its layout (sky, houses, kerb; stalls and roof; walls running to a point) and
differ in what stands there, the stand of the camera and the light, like photos taken on different rounds.
"""

import io
import math
import random
from collections.abc import Callable, Mapping
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont

SIZE = (1280, 960)
KINDS = ("street", "market", "corridor")
Draw = ImageDraw.ImageDraw


def _shade(rng: random.Random, low: int, high: int) -> tuple[int, int, int]:
    grey = rng.randint(low, high)
    return (grey + rng.randint(-18, 18), grey + rng.randint(-14, 14), grey + rng.randint(-18, 18))


def _words(draw: Draw, rng: random.Random, x: int, y: int, size: int) -> None:
    text = "".join(rng.choice("ABCDEFGHKLMNPRSTUVWXYZ0123456789") for _ in range(rng.randint(4, 9)))
    draw.text((x, y), text, fill=_shade(rng, 10, 240), font=ImageFont.load_default(size))


def _street(draw: Draw, rng: random.Random) -> None:
    wide, high = SIZE
    horizon = rng.randint(int(high * 0.36), int(high * 0.52))
    draw.rectangle((0, 0, wide, horizon), fill=(rng.randint(165, 220), rng.randint(190, 225), rng.randint(205, 245)))
    x = -rng.randint(0, 120)
    while x < wide:
        width, tall, front = rng.randint(130, 320), rng.randint(160, 400), _shade(rng, 90, 205)
        draw.rectangle((x, horizon - tall, x + width, horizon + 40), fill=front)
        step_x, step_y = rng.randint(38, 70), rng.randint(46, 80)
        for a in range(x + 16, x + width - 30, step_x):
            for b in range(horizon - tall + 20, horizon - 90, step_y):
                draw.rectangle((a, b, a + step_x // 2, b + step_y // 2), fill=_shade(rng, 40, 120))
        draw.rectangle((x + 4, horizon - 70, x + width - 4, horizon - 30), fill=_shade(rng, 40, 220))
        _words(draw, rng, x + 14, horizon - 68, 30)
        x += width + rng.randint(0, 50)
    draw.rectangle((0, horizon + 40, wide, high), fill=_shade(rng, 95, 150))
    vanish = rng.randint(int(wide * 0.3), int(wide * 0.7))
    for a in range(-wide, 2 * wide, 170):
        draw.line((vanish + (a - vanish) // 5, horizon + 40, a, high), fill=_shade(rng, 70, 190), width=4)
    for _ in range(rng.randint(3, 8)):
        a, b, size = rng.randint(0, wide), rng.randint(horizon + 30, high - 160), rng.randint(60, 230)
        draw.rounded_rectangle((a, b, a + size, b + size // 2), 16, fill=_shade(rng, 20, 230))
        for wheel in (0.2, 0.8):
            cx, cy, r = a + int(size * wheel), b + size // 2, size // 9
            draw.ellipse((cx - r, cy - r, cx + r, cy + r), fill=(25, 25, 28))
    for _ in range(rng.randint(1, 4)):
        a, top = rng.randint(0, wide), rng.randint(20, horizon - 60)
        draw.rectangle((a, top, a + 14, high - rng.randint(60, 300)), fill=_shade(rng, 40, 90))
        draw.ellipse((a - 110, top - 60, a + 120, top + 130), fill=(rng.randint(30, 80), rng.randint(80, 130), 50))


def _market(draw: Draw, rng: random.Random) -> None:
    wide, high = SIZE
    roof = rng.randint(140, 240)
    draw.rectangle((0, 0, wide, roof), fill=_shade(rng, 60, 120))
    for a in range(0, wide, rng.randint(120, 210)):
        draw.rectangle((a, 30, a + 70, 48), fill=(245, 245, 225))
    draw.rectangle((0, roof, wide, high), fill=_shade(rng, 120, 175))
    for row in range(3):
        y, x = roof + 40 + row * rng.randint(170, 230), -rng.randint(0, 140)
        while x < wide:
            width = rng.randint(170, 330)
            draw.rectangle((x, y - 60, x + width, y), fill=_shade(rng, 50, 215))
            _words(draw, rng, x + 12, y - 52, 26)
            draw.rectangle((x, y + 20, x + width, y + 120), fill=_shade(rng, 90, 200))
            for _ in range(rng.randint(8, 22)):
                a, b, r = rng.randint(x, x + width), rng.randint(y + 10, y + 70), rng.randint(10, 34)
                colour = (rng.randint(60, 230), rng.randint(60, 200), rng.randint(30, 120))
                draw.ellipse((a - r, b - r, a + r, b + r), fill=colour)
            x += width + rng.randint(10, 80)
    for _ in range(rng.randint(1, 5)):
        a, b, tall = rng.randint(0, wide), rng.randint(roof + 60, high - 340), rng.randint(220, 420)
        draw.ellipse((a, b, a + tall // 4, b + tall // 4), fill=(205, 165, 140))
        draw.rectangle((a - tall // 10, b + tall // 4, a + tall // 3, b + tall), fill=_shade(rng, 30, 190))


def _corridor(draw: Draw, rng: random.Random) -> None:
    wide, high = SIZE
    cx, cy = rng.randint(int(wide * 0.38), int(wide * 0.62)), rng.randint(int(high * 0.36), int(high * 0.56))
    half, tall = rng.randint(90, 190), rng.randint(110, 210)
    ends = ((cx - half, cy - tall), (cx + half, cy - tall), (cx + half, cy + tall), (cx - half, cy + tall))
    corners = ((0, 0), (wide, 0), (wide, high), (0, high))
    for place, (low, top) in enumerate(((150, 225), (110, 200), (70, 150), (110, 200))):
        after = (place + 1) % 4
        draw.polygon((corners[place], corners[after], ends[after], ends[place]), fill=_shade(rng, low, top))
    draw.rectangle((*ends[0], *ends[2]), fill=_shade(rng, 120, 240))
    for side in (0, wide):
        for near in sorted(rng.sample(range(12, 92), rng.randint(2, 4)), reverse=True):
            share = near / 100
            edge = int(side + ((cx - half if side == 0 else cx + half) - side) * share)
            door = int((1 - share) * 190 + 22)
            upper, foot = cy - (cy + 40) * (1 - share) * 0.6 - tall * 0.4, cy + (high - cy) * (1 - share) + tall * share
            begin = edge if side == 0 else edge - door
            draw.rectangle((begin, int(upper), begin + door, int(foot)), fill=_shade(rng, 40, 160))
    for _ in range(rng.randint(4, 12)):
        a, b, size = rng.randint(0, wide), rng.randint(int(high * 0.5), high - 60), rng.randint(60, 240)
        draw.rectangle(
            (a, b, a + size, b + int(size * rng.uniform(0.5, 1.1))), fill=_shade(rng, 40, 220), outline=(40, 36, 30)
        )
        if rng.random() < 0.4:
            _words(draw, rng, a + 8, b + 8, 28)
    draw.rectangle(
        (rng.randint(0, wide), rng.randint(60, 300), rng.randint(0, wide) + wide, rng.randint(300, 420)),
        outline=(90, 90, 90),
    )


_DRAWN: Mapping[str, Callable[[Draw, random.Random], None]] = {
    "street": _street,
    "market": _market,
    "corridor": _corridor,
}


def scene(kind: str, shot: int) -> Image.Image:
    """One shot of one kind of place; the same numbers always give the same picture, for the caller to change."""
    return _scene(kind, shot).copy()


@lru_cache(maxsize=32)
def _scene(kind: str, shot: int) -> Image.Image:
    rng = random.Random(f"{kind}-{shot}")
    image = Image.new("RGB", SIZE)
    _DRAWN[kind](ImageDraw.Draw(image), rng)
    return _lit(image, rng)


def _lit(image: Image.Image, rng: random.Random) -> Image.Image:
    """Light from one side, a cast shadow, a little blur, the noise of a cheap phone."""
    wide, high = image.size
    noise = np.random.default_rng(rng.randint(0, 2**31))
    x, y = np.meshgrid(np.linspace(-1, 1, wide), np.linspace(-1, 1, high))
    angle = rng.uniform(0, 2 * math.pi)
    light = 1 + 0.22 * (x * math.cos(angle) + y * math.sin(angle))
    lean, start = rng.uniform(-0.6, 0.6), rng.uniform(-0.4, 0.9)
    light *= np.where(x + lean * y > start, rng.uniform(0.62, 0.85), 1.0)
    pixels = np.asarray(image.filter(ImageFilter.GaussianBlur(1.2)), dtype=float) * light[..., None]
    pixels += noise.normal(0, 6, pixels.shape)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def jpeg(image: Image.Image, quality: int = 88, **more: object) -> bytes:
    """The picture as a camera would store it."""
    out = io.BytesIO()
    image.convert("RGB").save(out, "JPEG", quality=quality, **more)
    return out.getvalue()


def cut(image: Image.Image, left: float, top: float, right: float, bottom: float) -> Image.Image:
    """Without these shares of its width and height."""
    wide, high = image.size
    return image.crop((round(left * wide), round(top * high), round((1 - right) * wide), round((1 - bottom) * high)))


def stamped(image: Image.Image) -> Image.Image:
    """With a camera app's watermark: place and time in large letters on a grey strip at the foot."""
    marked = image.copy()
    wide, high = marked.size
    veil = Image.new("RGB", (int(wide * 0.55), int(high * 0.12)), (90, 90, 90))
    marked.paste(veil, (20, int(high * 0.85)), Image.new("L", veil.size, 120))
    draw = ImageDraw.Draw(marked)
    for line, text in enumerate(("2020-06-24 09:12:33", "CHONGCHUAN XUETIAN 120.871 32.011")):
        font = ImageFont.load_default(int(high * 0.045))
        draw.text((32, int(high * (0.86 + 0.05 * line))), text, fill=(255, 255, 255), font=font)
    return marked


EDITS: Mapping[str, Callable[[Image.Image], Image.Image]] = {
    "原样再存（质量 60）": lambda image: Image.open(io.BytesIO(jpeg(image, 60))),
    "原样再存（质量 25）": lambda image: Image.open(io.BytesIO(jpeg(image, 25))),
    "缩到一半": lambda image: image.resize((image.width // 2, image.height // 2)),
    "缩到 320 像素": lambda image: image.resize((320, 320 * image.height // image.width)),
    "调亮 30%": lambda image: ImageEnhance.Brightness(image).enhance(1.3),
    "调暗 30%": lambda image: ImageEnhance.Brightness(image).enhance(0.7),
    "对比度加 30%": lambda image: ImageEnhance.Contrast(image).enhance(1.3),
    "加水印": stamped,
    "四边各裁 2.5%": lambda image: cut(image, 0.025, 0.025, 0.025, 0.025),
    "四边各裁 5%": lambda image: cut(image, 0.05, 0.05, 0.05, 0.05),
    "左边裁 10%": lambda image: cut(image, 0.1, 0, 0, 0),
    "下边裁 10%": lambda image: cut(image, 0, 0, 0, 0.1),
    "左上各裁 10%": lambda image: cut(image, 0.1, 0.1, 0, 0),
    "右 7% 下 4%": lambda image: cut(image, 0, 0, 0.07, 0.04),
    "裁四边 3% 后调亮、缩小、再存": lambda image: Image.open(
        io.BytesIO(
            jpeg(ImageEnhance.Brightness(cut(image, 0.03, 0.03, 0.03, 0.03)).enhance(1.2).resize((800, 600)), 60)
        )
    ),
}
