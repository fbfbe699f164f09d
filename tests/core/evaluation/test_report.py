import json

import pytest

from core.evaluation.metrics import summary
from core.evaluation.report import report
from core.evaluation.subtypes import subtype_table


def test_report_is_plain_json_over_the_classes_present(evaluated):
    result = evaluated([0, 0, 1, 1], [0, 0, 1, 5], unreadable=(("ig/x.jpg", "Damaged."),))
    found = json.loads(json.dumps(report(result, summary(result)), allow_nan=False))
    assert found["n"] == 4
    assert found["accuracy"] == 0.75
    assert found["macro_f1"] == pytest.approx((1 + 2 / 3) / 2)
    assert found["per_class"] == {
        "basophil": {"precision": 1, "recall": 1, "f1": 1, "support": 2},
        "eosinophil": {"precision": 1, "recall": 0.5, "f1": pytest.approx(2 / 3), "support": 2},
    }
    assert found["confusion"]["counts"][1][5] == 1
    assert found["unreadable"] == [{"path": "ig/x.jpg", "reason": "Damaged."}]
    low, high = found["intervals"]["accuracy"]
    assert low <= 0.75 <= high


def test_subtypes_say_what_they_are_taken_for(evaluated):
    subtypes = ("Band neutrophil",) * 3 + ("Segmented neutrophil", "")
    rows = subtype_table(evaluated([6, 6, 6, 6, 0], [3, 3, 6, 6, 0], subtypes=subtypes))
    assert rows[["true", "subtype", "n", "recall", "taken_for"]].values.tolist() == [
        ["neutrophil", "Band neutrophil", 3, pytest.approx(1 / 3), {"ig": 2}],
        ["neutrophil", "Segmented neutrophil", 1, 1.0, {}],
    ]


def test_data_without_subtypes_gives_an_empty_table(evaluated):
    assert subtype_table(evaluated([0], [0])).empty
