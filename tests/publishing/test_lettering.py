from hypothesis import given
from hypothesis import strategies as st

from mapping.publishing import lettering
from mapping.publishing.lettering import Box, Room

_WORDS = st.lists(st.text("abcdefgh", min_size=1, max_size=12), min_size=1, max_size=12).map(" ".join)


def test_bold_text_is_wider_and_width_adds_up():
    assert lettering.width("Marton Road", 10, bold=True) > lettering.width("Marton Road", 10)
    assert lettering.width("ab", 10) == lettering.width("a", 10) + lettering.width("b", 10)


@given(_WORDS, st.floats(40, 300))
def test_wrapped_lines_fit_and_lose_no_word_that_fits(text: str, most: float):
    lines = lettering.wrap(text, 9, most)
    assert all(lettering.width(line, 9) <= most for line in lines)
    if all(lettering.width(word, 9) <= most for word in text.split()):
        assert " ".join(lines) == text


def test_what_does_not_fit_ends_in_an_ellipsis():
    lines = lettering.wrap("one two three four five six seven", 9, 50, lines=2)
    assert len(lines) == 2
    assert lines[-1].endswith("…")
    assert lettering.width(lines[-1], 9) <= 50


def test_boxes_that_only_touch_do_not_meet():
    assert not Box(0, 0, 10, 10).meets(Box(10, 0, 20, 10))
    assert Box(0, 0, 10, 10).meets(Box(9, 9, 20, 20))


def test_full_room_says_there_is_no_place():
    room = Room(Box(0, 0, 100, 100))
    room.take(Box(0, 0, 100, 60))
    assert room.find([Box(10, 50, 20, 70), Box(90, 70, 110, 80)]) is None
    assert room.find([Box(10, 50, 20, 70), Box(10, 60, 20, 70)]) == Box(10, 60, 20, 70)


@given(st.lists(st.tuples(st.floats(0, 500), st.floats(0, 500), _WORDS), max_size=40))
def test_labels_never_touch_each_other_or_the_edge(wanted):
    room = Room(Box(0, 0, 500, 500))
    placed = [room.find(lettering.boxes_around(x, y, text, 8, gap=3)) for x, y, text in wanted]
    kept = [box for box in placed if box]
    assert all(box.lies_in(room.frame) for box in kept)
    assert not any(a.meets(b) for place, a in enumerate(kept) for b in kept[:place])
