"""Ward maps on paper: one A4 page as a picture, drawn by matplotlib without a browser.

The left half shows the ward, the right half its first hotspots close up with what is known of
each. Uses matplotlib's objects only, never its global state, so several can be drawn at once.
The same view gives the same bytes, and the file says nothing about the machine that made it.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from mapping.errors import MappingError
from mapping.publishing import lettering, print_frame, streets, style, wording
from mapping.publishing.lettering import Box, Room
from mapping.publishing.print_frame import Frame
from mapping.publishing.sheet import HIGH, WIDE, Sheet
from mapping.publishing.view import MapView

_EDGE: Final = 24.0
_MAP_LEFT, _MAP_RIGHT, _MAP_BOTTOM = _EDGE, 548.0, 49.0
_PANEL_LEFT, _PANEL_RIGHT = 562.0, WIDE - _EDGE
_PANEL_WIDE: Final = _PANEL_RIGHT - _PANEL_LEFT
_GAP: Final = 7.0
_LARGEST_CLOSE_UP: Final = 122.0  # side, points
_CLOSE_UP_M: Final = 420.0  # what it shows, unless its hotspot is larger
_MOST_CLOSE_UPS: Final = 3
_LEGEND_HIGH: Final = 142.0  # heading, classes, notes
_ALSO_HIGH: Final = 22.0
_LOCATOR: Final = 74.0
_SMALL, _TEXT, _HEAD = 7.0, 8.2, 10.0
_HATCH_INK: Final = "#00000059"
_MOST_STREETS: Final = 70
_SAME_STREET_M: Final = 250.0
_NOTES: Final = (
    "Blue outline: hotspot, numbered by rank; dashed: reports are recorded there, not happening there. "
    "Dots: map points with most reports. Street names as reports or the road layer give them. "
    "Inset: where the ward lies."
)


def draw_ward(view: MapView) -> bytes:
    """Print one ward.

    Parameters
    ----------
    view : MapView
        With a `focus_ward`; `view.for_ward` makes one.

    Returns
    -------
    bytes
        A PNG of 1754 x 1240 pixels (A4 landscape at 150 dpi) without any text metadata.

    Raises
    ------
    MappingError
        The view has no ward to focus on.
    """
    if not view.focus_ward:
        raise MappingError("A printed map shows one ward; narrow the view with `view.for_ward` first.")
    sheet = Sheet()
    _WardPage(sheet, view).draw()
    return sheet.to_png()


class _WardPage:
    """What goes where on the page of one ward."""

    def __init__(self, sheet: Sheet, view: MapView) -> None:
        self.sheet, self.view = sheet, view
        self.hotspots = view.hotspots.sort_values(["rank", "hotspot_id"])
        self.words = view.words
        self.shaded = view.shaded()
        self.classes = len(view.breaks)
        self.wards = view.wards.geometry.to_numpy()
        self.is_focus = (view.wards["ward_gss_code"] == view.focus_ward).to_numpy()
        self.names = streets.find_names(view)

    def draw(self) -> None:
        """Draw everything, from the frame of the page inwards."""
        box = Box(_MAP_LEFT, _MAP_BOTTOM, _MAP_RIGHT, self._headings() - 9)
        frame = print_frame.fit(self.sheet.figure, box, self.view.extent())
        self._ground(frame, line=2.2)
        self._label_map(frame)
        self.sheet.border(box)
        self._legend(self._panel(box.top) - 2)

    def _headings(self) -> float:
        """Write what stands above and below the maps; return the lower edge of the upper part."""
        sheet, view, wide, quiet = self.sheet, self.view, WIDE - 2 * _EDGE, style.QUIET_INK
        for y in (HIGH - 17, 8):
            sheet.line(WIDE / 2, y, view.marking, 10.5, bold=True, is_centred=True)
        under = ". ".join(part for part in (view.provenance, view.attribution) if part)
        under = " ".join((*view.set_apart_words, under))
        sheet.paragraph(_EDGE, _MAP_BOTTOM - 1, under, _SMALL, wide, most=3, colour=quiet)
        y = sheet.paragraph(_EDGE, HIGH - 19, view.title, 19, wide, most=1, bold=True)
        said = ", ".join(part for part in (view.subtitle, view.period) if part)
        said = ". ".join((said, *(caution.rstrip(".") for caution in view.shared_cautions)))
        y = sheet.paragraph(_EDGE, y - 2, said, 9.5, wide, most=1)
        for warning in view.warnings[:2]:
            y = sheet.paragraph(_EDGE, y, warning, 9.5, wide, most=1, bold=True, colour=style.CAUTION)
        return y

    # ---- maps ----

    def _ground(self, frame: Frame, *, line: float) -> None:
        """Draw land, background layers, squares, ward lines, reports and hotspots."""
        seen = shapely.box(*frame.ground)
        near = shapely.intersects(self.wards, seen)
        frame.fill([seen], 0, facecolor=style.OUTSIDE, edgecolor="none")
        frame.fill(self.wards[near], 1, facecolor=style.PAPER, edgecolor="none")
        for name, layer in self.view.layers.items():
            _draw_layer(frame, name, layer.geometry.to_numpy())
        print_frame.draw_cells(frame, self.shaded, self.classes, self.view.cell_size_m, level=3)
        others, own = self.wards[near & ~self.is_focus], self.wards[self.is_focus]
        frame.fill(others, 4, facecolor=style.OUTSIDE, edgecolor="none", alpha=0.5)
        frame.fill(others, 4.1, facecolor="none", edgecolor=style.WARD_LINE, linewidth=line * 0.4)
        frame.fill(own, 4.2, facecolor="none", edgecolor=style.FOCUS_LINE, linewidth=line)
        print_frame.draw_points(frame, self.view.points, level=4.5)
        recorded = self.hotspots["recorded_at_place"].astype(bool).tolist()
        print_frame.draw_set_apart(frame, self.view.set_apart, level=4.8)
        print_frame.draw_hotspots(frame, self.hotspots.geometry.tolist(), recorded, level=5)

    def _label_map(self, frame: Frame) -> None:
        """Write scale, north, numbers and names, the most needed first and each where there is room."""
        sheet, room = self.sheet, Room(frame.box)
        sheet.scale_bar(frame, room)
        sheet.north_arrow(frame, room)
        pins = self._number_hotspots(frame, room, 8.5)
        for (x, y), words in zip(pins, self.words, strict=True):
            sheet.label(room, x, y, words.place, 9, gap=10, bold=True, colour=style.ACCENT)
        self._name_streets(frame, room, 6.4, _MOST_STREETS)
        west, south, east, north = frame.ground
        seen = shapely.clip_by_rect(self.wards, west, south, east, north)
        for name, geometry in zip(self.view.wards["ward_name"], seen, strict=True):
            if not geometry.is_empty:
                middle = frame.to_page(*geometry.representative_point().coords[0])
                sheet.label(room, *middle, name, 8.5, gap=0.0, colour=style.QUIET_INK)

    def _number_hotspots(self, frame: Frame, room: Room, radius: float) -> list[tuple[float, float]]:
        """Put each number over its hotspot's northern edge, and keep room for all before any name."""
        pins = []
        bounds = shapely.bounds(self.hotspots.geometry.to_numpy())
        for words, (west, _, east, north) in zip(self.words, bounds, strict=True):
            x, top = frame.to_page((west + east) / 2, north)
            y = top + radius - 2
            self.sheet.badge(x, y, words.number, radius, is_recorded=words.is_recorded_here)
            room.take(Box(x - radius, y - radius, x + radius, y + radius))
            pins.append((x, y))
        return pins

    def _name_streets(self, frame: Frame, room: Room, size: float, most: int) -> None:
        """Name streets and landmarks, nearest to a hotspot first; none twice close together."""
        seen = print_frame.in_extent(self.names, frame.ground)
        written: dict[str, list[tuple[float, float]]] = {}
        for east, north, text in zip(seen["easting_m"], seen["northing_m"], seen["text"], strict=True):
            others = written.setdefault(text, [])
            if any(np.hypot(east - x, north - y) < _SAME_STREET_M for x, y in others):
                continue
            page = frame.to_page(east, north)
            if self.sheet.label(room, *page, text, size, gap=2.6, colour=style.QUIET_INK):
                others.append((east, north))
                most -= 1
            if not most:
                return

    # ---- the panel beside the map ----

    def _panel(self, top: float) -> float:
        """Write each hotspot beside a close-up; return the lower edge of what was used."""
        if not self.words:
            return self.sheet.paragraph(_PANEL_LEFT, top, wording.NOTHING_STANDS_OUT, _TEXT, _PANEL_WIDE)
        shown, left_out = self.words[:_MOST_CLOSE_UPS], self.words[_MOST_CLOSE_UPS:]
        room = top - _MAP_BOTTOM - _LEGEND_HIGH - (_ALSO_HIGH if left_out else 0)
        side = min(_LARGEST_CLOSE_UP, room / len(shown) - _GAP)
        y = top
        for row, words in enumerate(shown):
            box = Box(_PANEL_LEFT, y - side, _PANEL_LEFT + side, y)
            self._close_up(row, box)
            self._tell(words, box)
            y -= side + _GAP
        if left_out:
            said = "Also: " + "; ".join(f"{words.number} {words.place}" for words in left_out) + "."
            y = self.sheet.paragraph(_PANEL_LEFT, y + 5, said, _TEXT, _PANEL_WIDE, most=2)
        return y

    def _close_up(self, row: int, box: Box) -> None:
        """Draw one hotspot large enough to walk by."""
        sheet, words = self.sheet, self.words[row]
        west, south, east, north = self.hotspots.geometry.iloc[row].bounds
        half = max(_CLOSE_UP_M, 1.25 * (east - west), 1.25 * (north - south)) / 2
        x, y = (west + east) / 2, (south + north) / 2
        frame = print_frame.fit(sheet.figure, box, (x - half, y - half, x + half, y + half), margin=0.0)
        self._ground(frame, line=1.4)
        room = Room(box)
        corner = Box(box.left, box.top - 18, box.left + 18, box.top)
        sheet.badge(corner.left + 9, corner.top - 9, words.number, 7.5, is_recorded=words.is_recorded_here)
        room.take(corner)
        said = f"{2 * half:.0f} m across"
        sheet.line(box.left + 3, box.bottom + 3.5, said, 6, has_halo=True)
        room.take(Box(box.left, box.bottom, box.left + 8 + lettering.width(said, 6), box.bottom + 10))
        self._name_streets(frame, room, 6.2, 14)
        sheet.border(box)

    def _tell(self, words: wording.HotspotWords, close_up: Box) -> None:
        """Write what is known; doubts come before details, since the room is what the picture leaves."""
        x, lowest = close_up.right + _GAP, close_up.bottom - 1
        wide = _PANEL_RIGHT - x
        head = {"bold": True, "colour": style.ACCENT}
        y = self.sheet.paragraph(x, close_up.top + 3, words.place, _HEAD, wide, most=2, **head)
        texts = [" ".join(part for part in (words.counts, words.trend) if part), words.when]
        texts += [f"Caution: {caution}" for caution in words.cautions] + [words.what]
        for text in (text for text in texts if text):
            fits = int((y - 1 - lowest) / (_TEXT * lettering.LINE_HEIGHT))
            if fits > 0:
                y = self.sheet.paragraph(x, y - 1, text, _TEXT, wide, most=fits)

    def _legend(self, y: float) -> None:
        """Say what the colours, hatches and lines mean, beside where the ward lies."""
        sheet, view = self.sheet, self.view
        said = f"Reports expected {view.horizon}, per {view.cell_size_m:g} m square"
        y = sheet.paragraph(_PANEL_LEFT, y, said, _TEXT, _PANEL_WIDE, bold=True, most=2) - 3
        bottom = y - _LOCATOR
        self._locator(Box(_PANEL_RIGHT - _LOCATOR, bottom, _PANEL_RIGHT, y))
        labels = style.class_labels(view.breaks)
        looks = zip(labels, style.class_colours(self.classes), style.class_hatches(self.classes), strict=True)
        for label, colour, hatch in looks:
            y -= 13
            swatch = Box(_PANEL_LEFT, y, _PANEL_LEFT + 24, y + 10)
            sheet.rectangle(swatch, facecolor=colour, edgecolor=style.QUIET_INK, linewidth=0.5)
            if hatch:
                sheet.rectangle(swatch, facecolor="none", edgecolor=_HATCH_INK, linewidth=0, hatch=hatch)
            sheet.line(_PANEL_LEFT + 30, y + 2.2, f"{label} reports", _TEXT)
        quiet = style.QUIET_INK
        rings = " Rings: places set apart, crossed where left out." if view.set_apart else ""
        sheet.paragraph(_PANEL_LEFT, bottom - 1, _NOTES + rings, _SMALL, _PANEL_WIDE, most=4, colour=quiet)

    def _locator(self, box: Box) -> None:
        """Show where the ward lies in the whole area."""
        west, south, east, north = (float(value) for value in self.view.wards.total_bounds)
        frame = print_frame.fit(self.sheet.figure, box, (west, south, east, north))
        frame.fill(self.wards, 1, facecolor=style.OUTSIDE, edgecolor=style.WARD_LINE, linewidth=0.3)
        frame.fill(self.wards[self.is_focus], 2, facecolor=style.ACCENT, edgecolor=style.ACCENT, linewidth=1)
        self.sheet.border(box)


def _draw_layer(frame: Frame, name: str, shapes: npt.NDArray[Any]) -> None:
    """Draw a background layer by what its shapes are: areas, lines or points."""
    colour = style.BASE_COLOURS.get(name, style.BASE_COLOUR)
    dimensions = shapely.get_dimensions(shapes)
    frame.fill(shapes[dimensions == 2], 2, facecolor=colour, edgecolor="none")
    frame.fill(shapes[dimensions == 1], 2.1, facecolor="none", edgecolor=colour, linewidth=1.1)
    spots = shapely.buffer(shapes[dimensions == 0], 1.6 / frame.points_per_m, quad_segs=4)
    frame.fill(spots, 4.4, facecolor=colour, edgecolor="none")
