"""Text on paper: how wide it is, where its lines break, and where it finds room.

Widths come from the font's own advances, kept in a table, and Pillow writes the words over the
finished picture: matplotlib lays out one glyph at a time, which for the two hundred names of a
page took three times as long as drawing the map. The font is the one matplotlib brings, so that
every machine prints the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

DPI: Final = 150
_PIXELS: Final = DPI / 72  # in a point
LINE_HEIGHT: Final = 1.28  # of the text size


@lru_cache(maxsize=2)
def font_file(bold: bool) -> Path:
    """Return where the font lies."""
    import matplotlib

    return Path(matplotlib.get_data_path()) / "fonts" / "ttf" / f"DejaVuSans{'-Bold' if bold else ''}.ttf"


@lru_cache(maxsize=64)
def _font(size_px: float, bold: bool) -> Any:
    from PIL import ImageFont

    # The plain layout, since the finer one depends on a library that some machines have.
    return ImageFont.truetype(str(font_file(bold)), size_px, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=4096)
def _advance(letter: str, size: float, bold: bool) -> float:
    # At its own size: small letters are fitted to whole pixels, which makes a line wider.
    return float(_font(size * _PIXELS, bold).getlength(letter)) / _PIXELS


def width(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of a line in points; `size` is in points too."""
    return sum(_advance(letter, size, bold) for letter in text)


def wrap(text: str, size: float, most: float, *, bold: bool = False, lines: int = 99) -> list[str]:
    """Break text into lines at most `most` points wide; what had to be cut ends in an ellipsis."""
    broken: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and width(longer, size, bold=bold) > most:
            broken.append(line)
            longer = word
        line = longer
    broken += [line] if line else []
    kept = [shorten(one, size, most, bold=bold) for one in broken[:lines]]
    if len(broken) > lines:
        kept[-1] = shorten(kept[-1] + " …", size, most, bold=bold)
    return kept


def shorten(text: str, size: float, most: float, *, bold: bool = False) -> str:
    """Cut a line that is too wide and end it in an ellipsis."""
    if width(text, size, bold=bold) <= most:
        return text
    while text and width(text + "…", size, bold=bold) > most:
        text = text[:-1].rstrip(" …")
    return text + "…"


@dataclass(frozen=True)
class Line:
    """A line of text with its baseline at (`x`, `y`), in points from the lower left corner of the page."""

    x: float
    y: float
    text: str
    size: float
    bold: bool = False
    colour: str = "#0b0c0c"
    is_centred: bool = False
    has_halo: bool = False


def write(picture: Any, lines: Iterable[Line]) -> None:
    """Write lines over a Pillow picture of the page, which has `DPI` pixels to the inch."""
    from PIL import ImageDraw

    pen = ImageDraw.Draw(picture)
    for line in lines:
        pen.text(
            (round(line.x * _PIXELS), round(picture.height - line.y * _PIXELS)),
            line.text,
            font=_font(line.size * _PIXELS, line.bold),
            fill=line.colour,
            anchor="ms" if line.is_centred else "ls",
            stroke_width=round(0.9 * _PIXELS) if line.has_halo else 0,
            stroke_fill="#ffffff",
        )


@dataclass(frozen=True)
class Box:
    """A rectangle on the page, in points from its lower left corner."""

    left: float
    bottom: float
    right: float
    top: float

    def meets(self, other: "Box") -> bool:
        """Say whether the two share any ground."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.bottom < other.top
            and other.bottom < self.top
        )

    def lies_in(self, other: "Box") -> bool:
        """Say whether it is wholly inside another."""
        return (
            self.left >= other.left
            and self.right <= other.right
            and self.bottom >= other.bottom
            and self.top <= other.top
        )


@dataclass
class Room:
    """The free room of one map: labels ask for a place and get one that touches no other."""

    frame: Box
    taken: list[Box] = field(default_factory=list)

    def take(self, box: Box) -> None:
        """Keep a rectangle for something that is there already."""
        self.taken.append(box)

    def find(self, candidates: Iterable[Box]) -> Box | None:
        """Take the first candidate that is free and inside the frame, or say there is none."""
        for box in candidates:
            if box.lies_in(self.frame) and not any(box.meets(other) for other in self.taken):
                self.taken.append(box)
                return box
        return None


def boxes_around(x: float, y: float, text: str, size: float, *, gap: float, bold: bool = False) -> list[Box]:
    """List where a line of text may stand about a point: right, left, below, above, then the corners."""
    wide, high = width(text, size, bold=bold) + 2, size * 1.15
    corners = (
        (x + gap, y - high / 2),
        (x - gap - wide, y - high / 2),
        (x - wide / 2, y - gap - high),
        (x - wide / 2, y + gap),
        (x + gap * 0.7, y + gap * 0.7),
        (x + gap * 0.7, y - gap * 0.7 - high),
        (x - gap * 0.7 - wide, y + gap * 0.7),
        (x - gap * 0.7 - wide, y - gap * 0.7 - high),
    )
    return [Box(left, bottom, left + wide, bottom + high) for left, bottom in corners]
