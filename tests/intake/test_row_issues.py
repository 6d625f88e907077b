import numpy as np

from mapping import schema
from mapping.intake.row_issues import RowIssues, from_records, merged, one


def test_a_rejected_row_keeps_only_its_reasons_for_rejection():
    issues = RowIssues(np.array([11, 12, 13]))
    issues.flag(np.array([True, True, False]), "category", "is unknown")
    issues.reject(np.array([False, True, False]), "occurred_at", "is blank")
    frame = issues.frame("log.csv")
    assert frame[["row", "field", "severity"]].values.tolist() == [
        [11, "category", "flagged"],
        [12, "occurred_at", "rejected"],
    ]
    assert issues.rejected.tolist() == [False, True, False]


def test_nothing_wrong_is_the_empty_frame_with_its_columns():
    for frame in (RowIssues(np.array([1])).frame("a.csv"), from_records([]), merged([])):
        assert list(frame.columns) == list(schema.ROW_ISSUES)
        assert len(frame) == 0


def test_records_become_issues():
    frame = from_records([one("a.csv", 3, "", "has 2 values", "rejected")])
    assert frame.to_dict("records") == [
        {"file": "a.csv", "row": 3, "field": "", "reason": "has 2 values", "severity": "rejected"}
    ]
