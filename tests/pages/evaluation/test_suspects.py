"""Marking label suspects: one after another, kept with the account, exported."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.access import accounts, labels
from core.access.accounts import Role
from core.dataset.catalogue import Catalogue, update_catalogue
from core.dataset.splits import saved_split
from core.errors import RecordError
from core.evaluation.mark import bundle_mark
from core.evaluation.suspects import label_suspects
from core.records import label_marks
from core.records.store import Store
from core.settings import Settings
from core.taxonomy import KEYS
from core.vision.bundle import Bundle
from pages.components.evaluation import suspects as evaluation_suspects
from tests.factories import make_result

OpenPage = Callable[[str, Role], AppTest]
SUSPECTS = ("basophil", "ig", "monocyte")  # a suspect each, the first one the worst
SUGGESTED = "platelet"


@pytest.fixture
def catalogue(state: Path, images: Path, settings: Settings) -> Catalogue:
    return update_catalogue(images, settings.cache_dir)


@pytest.fixture
def save(settings: Settings, bundle: Bundle, catalogue: Catalogue) -> Callable[..., list[str]]:
    """Saves an evaluation of the test split with a suspect of each of these labels."""

    def saved(labels: tuple[str, ...], split: str = "test") -> list[str]:
        names = saved_split(catalogue, settings.cache_dir)
        table = catalogue.images[catalogue.images["path"].map(names) == split]
        truth = np.array([KEYS.index(label) for label in table["label"]])
        predictions, sure, doubted = truth.copy(), np.full(len(truth), 0.9), []
        for place, label in enumerate(labels):
            row = int(np.flatnonzero(truth == KEYS.index(label))[0])
            predictions[row], sure[row] = KEYS.index(SUGGESTED), 0.99 - 0.01 * place
            doubted.append(table["path"].iloc[row])
        make_result(
            truth,
            predictions,
            sure,
            mark=bundle_mark(bundle.card),
            data_fingerprint=catalogue.fingerprint,
            split=split,
            sample_ids=tuple(table["path"]),
            subtypes=tuple(table["subtype"].fillna("")),
        ).save(settings.evaluations_dir)
        return doubted

    return saved


@pytest.fixture
def open_tab(open_page: OpenPage) -> Callable[[], AppTest]:
    def opened() -> AppTest:
        app = open_page("pages/evaluation.py", Role.SCIENTIST)
        app.query_params["tab"] = "Conflicting labels"
        return app.run()

    return opened


def shown(app: AppTest) -> str:
    """The path of the suspect that is shown, and its place, e.g. "1 of 3, ig/ig_1.png"."""
    assert not app.exception and not app.error
    return next(text.value for text in app.text if " of " in text.value and "/" in text.value)


def count(app: AppTest) -> str:
    return next(text.value for text in app.text if "suspects among" in text.value)


def press(app: AppTest, key: str) -> AppTest:
    return app.button(key=f"suspects_{key}").click().run()


def test_marking_goes_on_to_the_next_and_is_kept_with_the_account(
    save, open_tab, store: Store
) -> None:
    paths = save(SUSPECTS)
    app = open_tab()
    assert count(app).endswith("images, 0 marked.") and count(app).startswith("3 suspects")
    assert shown(app) == f"1 of 3, {paths[0]}"
    assert any("says platelet with 99.0%" in text.value for text in app.text)
    press(app, "wrong")
    assert shown(app) == f"1 of 2, {paths[1]}"
    assert count(app).endswith(" 1 marked.")
    (mark,) = label_marks.marks(store).values()
    assert (mark.doubt.path, mark.verdict, mark.by) == (paths[0], "wrong", "scientist")
    assert (mark.doubt.label, mark.doubt.suggested) == ("basophil", "platelet")
    assert mark.doubt.bundle == "tiny"


def test_the_last_mark_leads_back_to_those_that_were_passed_over(save, open_tab) -> None:
    paths = save(SUSPECTS)
    app = open_tab()
    press(press(app, "Next"), "Next")
    assert shown(app) == f"3 of 3, {paths[2]}"
    press(app, "unsure")
    assert shown(app) == f"1 of 2, {paths[0]}"
    press(press(app, "right"), "right")
    assert "Nothing left to mark" in app.info[0].value


def test_undo_takes_the_last_mark_back_and_shows_it(save, open_tab, store: Store) -> None:
    paths = save(SUSPECTS)
    app = open_tab()
    assert app.button(key="suspects_undo").disabled
    press(press(app, "wrong"), "right")
    press(app, "undo")
    assert shown(app) == f"1 of 2, {paths[1]}"
    assert [mark.doubt.path for mark in label_marks.marks(store).values()] == [paths[0]]
    press(app, "undo")
    assert label_marks.marks(store) == {}
    assert app.button(key="suspects_undo").disabled


def test_undo_is_there_when_all_are_marked(save, open_tab) -> None:
    (path,) = save(("ig",))
    app = press(open_tab(), "right")
    assert shown(press(app, "undo")) == f"1 of 1, {path}"


def test_a_person_changes_their_mind(save, open_tab, store: Store) -> None:
    paths = save(SUSPECTS)
    app = press(open_tab(), "wrong")
    app.segmented_control(key="suspects").set_value("All").run()
    press(app, "Previous")
    assert shown(app) == f"1 of 3, {paths[0]}"
    assert any(text.value.startswith("Marked wrong by scientist") for text in app.text)
    press(app, "right")
    assert shown(app) == f"2 of 3, {paths[1]}"
    assert [mark.verdict for mark in label_marks.marks(store).values()] == ["right"]


def test_suspects_are_narrowed_by_label(save, open_tab) -> None:
    paths = save(SUSPECTS)
    app = open_tab()
    menu = app.selectbox(key="suspects_label")
    assert menu.options == ["Basophil", "Immature granulocyte", "Monocyte"]
    menu.set_value("monocyte").run()
    assert shown(app) == f"1 of 1, {paths[2]}"


def test_the_finer_label_is_told_where_the_file_has_one(save, open_tab) -> None:
    save(("ig",))
    captions = [caption.value for caption in open_tab().caption]
    assert "Label (immature granulocyte, stage not given)" in captions


def test_an_image_ahead_opens_on_a_click(save, open_tab) -> None:
    paths = save(SUSPECTS)
    app = open_tab()
    assert shown(press(app, f"open {paths[2]}")) == f"3 of 3, {paths[2]}"


def test_the_export_holds_the_marks(save, open_tab, catalogue: Catalogue, store: Store) -> None:
    paths = save(SUSPECTS)
    app = open_tab()
    export = next(b for b in app.get("download_button") if b.proto.label == "Marks (CSV)")
    assert export.proto.disabled
    press(app, "unsure")
    export = next(b for b in app.get("download_button") if b.proto.label == "Marks (CSV)")
    assert not export.proto.disabled
    (row,) = csv.DictReader(io.StringIO("".join(label_marks.csv_lines(store))))
    sha256 = catalogue.images.set_index("path")["sha256"][paths[0]]
    row.pop("when")
    assert row == {
        "path": paths[0],
        "sha256": sha256,
        "label": "basophil",
        "suggested": "platelet",
        "verdict": "unsure",
        "who": "scientist",
        "bundle": "tiny",
    }


def test_suspects_are_sought_once(save, open_tab, monkeypatch: pytest.MonkeyPatch) -> None:
    save(SUSPECTS)
    sought = []

    def seek(*arguments: Any) -> pd.DataFrame:
        sought.append(arguments)
        return label_suspects(*arguments)

    monkeypatch.setattr(evaluation_suspects, "label_suspects", seek)
    press(press(open_tab(), "wrong"), "right")
    open_tab()
    assert len(sought) == 1


def test_without_a_suspect_it_says_so(save, open_tab) -> None:
    save(())
    app = open_tab()
    assert not app.exception
    assert count(app).startswith("0 suspects")
    assert any(info.value.startswith("No conflict") for info in app.info)


def test_on_the_training_split_it_says_that_the_labels_were_learnt(save, open_tab) -> None:
    save(SUSPECTS)
    save(SUSPECTS, split="train")
    app = open_tab()
    assert not any("has learnt these labels" in c.value for c in app.caption)
    app.segmented_control(key="split").set_value("train").run()
    assert any("has learnt these labels" in c.value for c in app.caption)


def test_a_click_after_the_account_was_disabled_marks_nothing(
    save, open_tab, account, store: Store
) -> None:
    save(SUSPECTS)
    app = open_tab()
    accounts.disable(store, account(Role.SCIENTIST).username)
    press(app, "wrong")
    assert label_marks.marks(store) == {}


def test_what_was_not_kept_is_said(save, open_tab, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = save(SUSPECTS)
    app = open_tab()

    def refuse(*_: object) -> None:
        raise RecordError("The disk is full.")

    monkeypatch.setattr(labels, "mark", refuse)
    press(app, "wrong")
    assert app.error[0].value == "Not saved. The disk is full."
    assert f"1 of 3, {paths[0]}" in [text.value for text in app.text]
