import pandas as pd
import pytest

from webapp import charts


def test_a_bar_is_as_high_as_its_share_of_the_highest_grid_line():
    chart = charts.month_chart(["2025-01", "2025-02"], [5, 10], float("nan"))
    # 10 in steps of 2 gives lines 0 to 10; there are 240 - 44 - 26 = 170 units of room.
    assert [value for _, value in chart.grid] == [0, 2, 4, 6, 8, 10]
    assert [bar.height for bar in chart.bars] == [85.0, 170.0]
    assert chart.bars[1].y == charts.TOP


def test_what_is_usual_is_spread_evenly_over_the_months():
    chart = charts.month_chart(["2025-01", "2025-02", "2025-03", "2025-04"], [8, 8, 8, 8], 14.0)
    assert chart.usual_a_month == 3.5  # 14 / 4
    assert chart.usual_y == 121.6  # 196 - 170 * 3.5 / 8


def test_without_an_expected_count_no_line_is_drawn():
    chart = charts.month_chart(["2025-01"], [3], float("nan"))
    assert chart.usual_y is None
    assert chart.usual_a_month is None


def test_a_month_without_reports_has_a_bar_of_no_height():
    assert charts.month_chart(["2025-01", "2025-02"], [0, 4], 1.0).bars[0].height == 0


def test_all_zero_still_has_an_axis():
    assert [value for _, value in charts.month_chart(["2025-01"], [0], 0.0).grid] == [0, 1]


def test_long_series_name_every_third_month():
    months = [f"{2024 + k // 12}-{k % 12 + 1:02d}" for k in range(24)]
    labels = [bar.label for bar in charts.month_chart(months, [1] * 24, 1.0).bars]
    assert labels[:4] == ["Jan 2024", "", "", "Apr 2024"]


def test_months_and_counts_must_go_together():
    with pytest.raises(ValueError, match="2 months came with 1 counts"):
        charts.month_chart(["2025-01", "2025-02"], [3], 1.0)


def test_incidents_fall_into_their_weekday_and_block_on_the_london_clock():
    incidents = pd.DataFrame(
        {
            # Friday 4 July 2025, 19:30 in London is 18:30 UTC: the block 18-21.
            "occurred_from": pd.to_datetime(
                ["2025-07-04T18:30:00Z", "2025-07-04T18:45:00Z", "2025-07-01T00:00:00Z"], utc=True
            ),
            "time_precision": ["minute", "minute", "month"],
        }
    )
    week = charts.week_table(incidents)
    friday = dict(week.rows)["Friday"]
    assert friday[6] == (2, 2)  # blocks of three hours: index 6 is 18 to 21; 4 * 2 / 4 = 2
    assert sum(count for _, cells in week.rows for count, _ in cells) == 2
    assert (week.timed, week.untimed) == (2, 1)
    assert week.heads[6] == "18–21"


def test_a_report_known_between_two_moments_lies_in_parts_in_its_blocks():
    # Friday 17:00 to 19:00 UTC in winter: an hour in 15-18 and an hour in 18-21
    start = pd.Series(pd.to_datetime(["2025-01-03T17:00:00Z"], utc=True))
    incidents = pd.DataFrame(
        {"occurred_from": start, "occurred_to": start + pd.Timedelta(hours=2), "time_precision": "minute"}
    )
    friday = dict(charts.week_table(incidents).rows)["Friday"]
    assert [count for count, _ in friday] == [0, 0, 0, 0, 0, 0.5, 0.5, 0]
