import re
from collections.abc import Callable

import pytest

from mapping.publishing import page
from mapping.publishing.view import MapView, for_ward

Maker = Callable[..., MapView]


def test_every_hotspot_is_in_the_list_and_in_the_table(make_view: Maker):
    said = page.fragments(make_view())
    for place in ("Marton Road", "Eden Road", "Police Station"):
        assert place in said.list_html
        assert place in said.table_html
    assert said.list_html.count("<li ") == 3
    assert "31 reports, 14 expected (2.2 times; very unlikely to be chance)." in said.list_html
    assert "<strong>Caution:</strong> Recorded here." in said.list_html


def test_list_names_the_hotspot_it_belongs_to(make_view: Maker):
    assert re.findall(r'data-hotspot-open="([^"]*)"', page.fragments(make_view()).list_html) == [
        "H1",
        "H2",
        "H3",
    ]


def test_links_are_given_only_where_there_are_any(make_view: Maker):
    assert "href" not in page.fragments(make_view()).list_html
    said = page.fragments(make_view(links={"H1": "/hotspots/H1"})).list_html
    assert said.count('<a href="/hotspots/H1">') == 1


def test_no_hotspot_says_why_and_what_to_do(make_view: Maker):
    view = make_view()
    said = page.fragments(make_view(hotspots=view.hotspots[:0])).list_html
    assert "No place has more reports than its surroundings explain." in said
    assert "Look at a longer period" in said


def test_shared_caution_is_said_once(make_view: Maker):
    view = make_view()
    said = page.fragments(make_view(hotspots=view.hotspots.assign(cautions="Only the month is known.")))
    assert said.list_html.count("Only the month is known.") == 1


def test_legend_has_every_class_and_what_the_lines_mean(make_view: Maker):
    view = make_view()
    said = page.fragments(view).legend_html
    assert said.count("<rect") == len(view.breaks) + 2
    assert "Reports expected in the next month, in each square of 100 m" in said
    # ten of 200 squares are shaded, and they hold all 55 reports
    assert "Shaded squares are 5.0 % of the area here and held 100 % of its reports." in said


def test_legend_names_only_what_is_on_the_map(make_view: Maker):
    view = make_view()
    said = page.fragments(make_view(points=view.points[:0], hotspots=view.hotspots[:1])).legend_html
    assert "Reports counted at one point" not in said
    assert "recorded here" not in said


@pytest.mark.parametrize("ward", ["", "E05999001"])
def test_fragments_keep_to_the_policy_of_the_site(make_view: Maker, ward: str):
    view = for_ward(make_view(), ward) if ward else make_view()
    said = page.fragments(view)
    for text in (said.list_html, said.legend_html, said.table_html, page.map_element("map_x", view)):
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=|javascript:", text, re.IGNORECASE)


def test_frame_of_a_notebook_cannot_reach_out(make_view: Maker):
    framed = page.frame('<p title="x">"</p>', title='"><script>')
    assert framed.count("<") == 2  # only the frame itself
    assert 'sandbox="allow-scripts"' in framed
