"""One A4 page in landscape: text, boxes, badges and map furniture, placed in points.

Points count from the lower left corner. Shapes go to matplotlib at once; text is kept and written
over the finished picture (see `lettering`).
"""

import io
from typing import Any

import numpy as np

from mapping.publishing import lettering, style
from mapping.publishing.lettering import DPI, Box, Line, Room
from mapping.publishing.print_frame import Frame

WIDTH_PX, HEIGHT_PX = 1754, 1240
WIDE, HIGH = WIDTH_PX * 72 / DPI, HEIGHT_PX * 72 / DPI


class Sheet:
    """A page being drawn."""

    def __init__(self) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        size = (WIDTH_PX / DPI, HEIGHT_PX / DPI)
        self.figure: Any = Figure(figsize=size, dpi=DPI, facecolor=style.PAPER)
        self._canvas: Any = FigureCanvasAgg(self.figure)
        self._lines: list[Line] = []

    def to_png(self) -> bytes:
        """Return the page as a picture that names no author, program, path or time."""
        from PIL import Image

        self._canvas.draw()
        picture = Image.fromarray(np.ascontiguousarray(np.asarray(self._canvas.buffer_rgba())[:, :, :3]))
        lettering.write(picture, self._lines)
        buffer = io.BytesIO()
        picture.save(buffer, format="PNG", dpi=(DPI, DPI), compress_level=3)
        return buffer.getvalue()

    # ---- text ----

    def line(self, x: float, y: float, text: str, size: float, **look: Any) -> None:
        """Write one line with its baseline at `y`; `look` as in `lettering.Line`."""
        self._lines.append(Line(x, y, " ".join(text.split()), size, **look))

    def paragraph(
        self, x: float, y: float, text: str, size: float, wide: float, *, most: int = 99, **look: Any
    ) -> float:
        """Write text downwards from the top edge `y`, no wider than `wide`; return the lower edge."""
        for line in lettering.wrap(text, size, wide, bold=look.get("bold", False), lines=most):
            y -= size * lettering.LINE_HEIGHT
            self.line(x, y, line, size, **look)
        return y

    def label(
        self, room: Room, x: float, y: float, text: str, size: float, *, gap: float, **look: Any
    ) -> bool:
        """Write a name beside a point if there is room; say whether there was."""
        bold = look.get("bold", False)
        box = room.find(lettering.boxes_around(x, y, text, size, gap=gap, bold=bold))
        if box is None:
            return False
        self.line(box.left + 1, box.bottom + 0.24 * size, text, size, has_halo=True, **look)
        return True

    # ---- shapes ----

    def rectangle(self, box: Box, *, level: float = 8.0, **look: Any) -> None:
        """Draw a box; `look` as matplotlib's patches take it."""
        from matplotlib.patches import Rectangle

        corner = (box.left / WIDE, box.bottom / HIGH)
        size = ((box.right - box.left) / WIDE, (box.top - box.bottom) / HIGH)
        self.figure.add_artist(Rectangle(corner, *size, zorder=level, **look))

    def border(self, box: Box) -> None:
        """Draw the edge of a map."""
        self.rectangle(box, level=9, facecolor="none", edgecolor=style.QUIET_INK, linewidth=0.8)

    def badge(self, x: float, y: float, number: int, radius: float, *, is_recorded: bool) -> None:
        """Draw a hotspot's number in a disc; in a dashed ring where reports are only recorded."""
        from matplotlib.patches import Ellipse

        ground, ink = (style.PAPER, style.ACCENT) if is_recorded else (style.ACCENT, style.PAPER)
        disc = Ellipse(
            (x / WIDE, y / HIGH),
            2 * radius / WIDE,
            2 * radius / HIGH,
            facecolor=ground,
            edgecolor=ink,
            linewidth=1.3,
            linestyle=(0, (2.4, 1.4)) if is_recorded else "solid",
            zorder=7,
        )
        self.figure.add_artist(disc)
        size = radius * (1.25 if number < 100 else 0.9)
        self.line(x, y - 0.36 * size, str(number), size, bold=True, colour=ink, is_centred=True)

    # ---- map furniture ----

    def scale_bar(self, frame: Frame, room: Room) -> None:
        """Draw how long a round distance is, in the lower left corner of a map."""
        metres = round_length(120 / frame.points_per_m)
        long, left, bottom = metres * frame.points_per_m, frame.box.left + 10, frame.box.bottom + 9
        said = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"
        ground = Box(frame.box.left + 3, frame.box.bottom + 3, left + long + 46, bottom + 13)
        room.take(ground)
        self.rectangle(ground, level=7.0, facecolor=style.PAPER, edgecolor="none", alpha=0.85)
        bar = Box(left, bottom, left + long, bottom + 4)
        self.rectangle(bar, level=7.1, facecolor=style.INK, edgecolor="none")
        second_half = Box(left + long / 2, bottom + 0.8, left + long - 0.8, bottom + 3.2)
        self.rectangle(second_half, level=7.2, facecolor=style.PAPER, edgecolor="none")
        self.line(left + long + 5, bottom - 1, said, 8.2)

    def north_arrow(self, frame: Frame, room: Room) -> None:
        """Draw where grid north is, in the upper right corner of a map."""
        from matplotlib.patches import Polygon

        x, y = frame.box.right - 18, frame.box.top - 40
        room.take(Box(x - 11, y - 4, x + 11, frame.box.top))
        corners = np.array([(x, y + 22), (x - 6, y), (x, y + 5), (x + 6, y)]) / (WIDE, HIGH)
        arrow = Polygon(corners, closed=True, facecolor=style.INK, edgecolor=style.PAPER, linewidth=0.8)
        arrow.set_zorder(7)
        self.figure.add_artist(arrow)
        self.line(x, y + 25, "N", 10, bold=True, is_centred=True)


def round_length(metres: float) -> float:
    """Return the longest of 1, 2, 5, 10, 20 ... metres that fits."""
    power = 10.0 ** np.floor(np.log10(metres))
    return float(power * max(step for step in (1, 2, 5) if step * power <= metres))
