"""Each command says its result, writes its JSON, and ends with code 2 on what a user can mend."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from apps.cli.app import app, line_of
from core import taxonomy
from core.dataset.synthetic import render_cell
from core.morphology import ATTRIBUTES
from core.prediction import Status
from tests.apps.conftest import Run
from tests.factories import make_profile, write_attributes

VALUES = {one.key: next(iter(one.words)) for one in ATTRIBUTES}


@pytest.fixture
def cells(tmp_path: Path) -> Path:
    """A folder of two class folders with three drawn images each."""
    for key, colour in (("neutrophil", "purple"), ("platelet", "pink")):
        folder = tmp_path / "cells" / key
        folder.mkdir(parents=True)
        for number in range(3):
            image = Image.new("RGB", (90, 90), "linen")
            image.paste(colour, (20 + number, 20, 60, 60))
            image.save(folder / f"{key}_{number}.png")
    return tmp_path / "cells"


def test_predict_lists_each_image_and_each_file_that_is_none(
    cli: Run, cells: Path, tmp_path: Path
) -> None:
    (cells / "platelet" / "notes.png").write_text("no image")
    out = tmp_path / "predictions.json"

    done = cli("predict", cells, "--json", out)

    assert done.returncode == 0, done.stderr
    predictions = {Path(a["path"]).name: a for a in json.loads(out.read_text())}
    assert len(predictions) == 7
    one = predictions["neutrophil_0.png"]
    assert set(one["probabilities"]) == set(taxonomy.KEYS)
    assert sum(one["probabilities"].values()) == pytest.approx(1)
    assert one["label"] == max(one["probabilities"], key=one["probabilities"].get)
    assert one["confidence"] == one["probabilities"][one["label"]]
    assert one["status"] in ("confident", "review")
    assert "not an image" in predictions["notes.png"]["error"]


def test_what_is_not_confident_says_why_in_its_line() -> None:
    entry = {
        "path": "a.png",
        "label": "lymphocyte",
        "confidence": 0.98,
        "attributes": {},
        "status": Status.REFERRED,
        "reason": "Refer to somebody.",
    }
    assert line_of(entry) == "a.png: lymphocyte 98.0% (referred) Refer to somebody."
    unsure = entry | {"status": Status.REVIEW, "attributes": {"granularity": {"value": "no"}}}
    line = line_of(unsure)
    assert line.startswith("a.png: lymphocyte 98.0% (review): ")
    assert line.endswith(". Refer to somebody.")
    sure = entry | {"status": Status.CONFIDENT}
    assert line_of(sure) == "a.png: lymphocyte 98.0% (confident)"


def test_no_help_shows_its_markup() -> None:
    helps = [command.callback.__doc__ for command in app.registered_commands if command.callback]
    assert helps
    assert not [told for told in helps if told and "`" in told]


def test_predict_refuses_when_nothing_can_be_read(cli: Run, tmp_path: Path) -> None:
    done = cli("predict", tmp_path / "absent.png", "--json", tmp_path / "out.json")

    assert done.returncode == 2
    assert "error" in json.loads((tmp_path / "out.json").read_text())[0]


def test_unknown_bundle_is_one_line_that_lists_those_there_are(cli: Run, cells: Path) -> None:
    done = cli("predict", cells, "--model", "huge")

    assert done.returncode == 2
    assert "There are: tiny" in done.stderr
    assert "Traceback" not in done.stderr


def test_evaluate_counts_a_subset_of_the_classes(cli: Run, cells: Path, tmp_path: Path) -> None:
    out = tmp_path / "figures.json"

    done = cli("evaluate", "--data", cells, "--json", out)

    assert done.returncode == 0, done.stderr
    figures = json.loads(out.read_text())
    assert figures["n"] == 6
    assert 0 <= figures["accuracy"] <= 1
    assert set(figures["per_class"]) == {"neutrophil", "platelet"}
    assert figures["per_class"]["platelet"]["support"] == 3
    assert {"precision", "recall", "f1", "support"} <= set(figures["per_class"]["neutrophil"])


def test_evaluate_compares_what_is_told_with_files_found_near_the_data(
    cli: Run, cells: Path, telling: str, tmp_path: Path
) -> None:
    names = {f"neutrophil_{number}.png": VALUES for number in range(3)}
    write_attributes(tmp_path / "wbcatt" / "train.csv", names)
    out = tmp_path / "figures.json"

    done = cli("evaluate", "--data", cells, "--model", telling, "--json", out)

    assert done.returncode == 0, done.stderr
    figures = json.loads(out.read_text())["attributes"]
    assert figures["n"] == 3
    assert list(figures["per_attribute"]) == list(VALUES)
    assert {"n", "macro_f1", "accuracy", "told", "accuracy_told"} == set(
        figures["per_attribute"]["granularity"]
    )
    assert "attributes of 3 cells, mean macro F1" in done.stdout
    assert all(f"  {key} " in done.stdout for key in VALUES)


def test_evaluate_measures_attributes_on_the_named_files_alone(
    cli: Run, cells: Path, telling: str, tmp_path: Path
) -> None:
    write_attributes(cells / "train.csv", {"neutrophil_0.png": VALUES, "neutrophil_1.png": VALUES})
    val = write_attributes(tmp_path / "val.csv", {"neutrophil_2.png": VALUES})
    out = tmp_path / "figures.json"

    done = cli("evaluate", "--data", cells, "--model", telling, "--attributes", val, "--json", out)

    assert json.loads(out.read_text())["attributes"]["n"] == 1, done.stderr


def test_evaluate_refuses_attribute_files_that_nothing_can_be_compared_with(
    cli: Run, cells: Path, telling: str, tmp_path: Path
) -> None:
    file = write_attributes(tmp_path / "val.csv", {"other.png": VALUES})

    other = cli("evaluate", "--data", cells, "--model", telling, "--attributes", file)
    silent = cli("evaluate", "--data", cells, "--attributes", file)

    assert (other.returncode, silent.returncode) == (2, 2)
    assert "No image in" in other.stderr
    assert "tiny tells no attributes" in silent.stderr


def test_evaluate_says_that_a_model_may_have_learnt_from_the_images(
    cli: Run, cells: Path, tmp_path: Path
) -> None:
    assert "--split test" in cli("evaluate", "--data", cells).stderr


def test_evaluate_takes_one_part_of_the_data_set(cli: Run, tmp_path: Path) -> None:
    for key in ("lymphocyte", "neutrophil"):
        (tmp_path / "data" / key).mkdir(parents=True)
        for number in range(10):
            image = render_cell(key, np.random.default_rng(number), 96)
            Image.fromarray(image).save(tmp_path / "data" / key / f"{number}.png")
    out = tmp_path / "out.json"
    done = cli("evaluate", "--data", tmp_path / "data", "--split", "test", "--json", out)
    assert done.returncode == 0, done.stderr
    assert "may have learned" in done.stderr  # its data set is another
    told = json.loads(out.read_text())
    assert (told["n"], told["split"]) == (4, "test")


def test_evaluate_names_folders_that_are_no_classes(cli: Run, cells: Path) -> None:
    (cells / "platelet").rename(cells / "thrombocytes")

    done = cli("evaluate", "--data", cells)

    assert done.returncode == 2
    assert "thrombocytes" in done.stderr


def test_index_tells_counts_and_problems(cli: Run, cells: Path, tmp_path: Path) -> None:
    (cells / "platelet" / "notes.png").write_text("no image")
    out = tmp_path / "index.json"

    done = cli("index", "--data", cells, "--json", out)

    assert done.returncode == 0, done.stderr
    index = json.loads(out.read_text())
    assert index["images"] == 6
    assert index["per_class"] == {"neutrophil": 3, "platelet": 3}
    assert [Path(row["path"]).name for row in index["problems"]] == ["notes.png"]


def test_index_writes_the_card_of_the_data_set(cli: Run, cells: Path, tmp_path: Path) -> None:
    done = cli("index", "--data", cells, "--card", tmp_path / "card.md")

    assert done.returncode == 0, done.stderr
    text = (tmp_path / "card.md").read_text()
    assert text.startswith("# Data set: `cells`\n")
    assert "| Platelet | 3 | 50.0% |" in text


def test_index_counts_attributes_on_the_card(cli: Run, cells: Path, tmp_path: Path) -> None:
    values = {one.key: next(iter(one.words)) for one in ATTRIBUTES}
    for number in range(2):
        lines = [",".join(["img_name", *values])]
        lines.append(",".join([f"neutrophil_{number}.png", *values.values()]))
        (tmp_path / f"{number}.csv").write_text("\n".join(lines))
    files = [tmp_path / "0.csv", "--attributes", tmp_path / "1.csv"]

    done = cli("index", "--data", cells, "--card", tmp_path / "card.md", "--attributes", *files)

    assert done.returncode == 0, done.stderr
    assert "2 of the 6 cells have them: neutrophil 2." in (tmp_path / "card.md").read_text()


def test_a_card_that_cannot_be_written_is_one_line(cli: Run, cells: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = cli("index", "--data", cells, "--card", tmp_path / "file" / "card.md")

    assert done.returncode == 2
    assert str(tmp_path / "file") in done.stderr
    assert "Traceback" not in done.stderr


def test_a_profile_of_another_model_is_refused(cli: Run, cells: Path, tmp_path: Path) -> None:
    folder = tmp_path / "state" / "profiles"
    folder.mkdir(parents=True)
    (folder / "ward-3.json").write_text(make_profile(bundle="other").model_dump_json())

    for words in (("predict", cells), ("evaluate", "--data", cells)):
        done = cli(*words, "--profile", "ward-3")

        assert (done.returncode, done.stdout) == (2, "")
        assert "was made with the model other" in done.stderr


def test_profile_of_no_folder_is_refused(cli: Run, tmp_path: Path) -> None:
    done = cli("profile", "--data", tmp_path / "none", "--out", "here")

    assert done.returncode == 2
    assert "There is no folder" in done.stderr


def test_index_of_no_folder_is_refused(cli: Run, tmp_path: Path) -> None:
    done = cli("index", "--data", tmp_path / "nowhere")

    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_users_are_added_listed_and_disabled(cli: Run, tmp_path: Path) -> None:
    added = cli("users", "add", "ada", "--role", "admin", stdin="correct horse battery\n")
    second = cli("users", "add", "grace", "--role", "admin", stdin="correct horse battery\n")
    shut = cli("users", "disable", "ada")
    listed = cli("users", "list", "--json", tmp_path / "users.json")

    assert [d.returncode for d in (added, second, shut, listed)] == [0, 0, 0, 0], added.stderr
    users = {u["username"]: u for u in json.loads((tmp_path / "users.json").read_text())}
    assert users["ada"]["state"] == "disabled"
    assert users["grace"] == {
        "username": "grace",
        "name": "grace",
        "role": "admin",
        "state": "active",
    }


def test_short_password_is_refused(cli: Run) -> None:
    done = cli("users", "add", "ada", stdin="short\n")

    assert done.returncode == 2
    assert "12" in done.stderr


def test_predict_of_a_folder_without_images_is_refused(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text("words")
    done = cli("predict", tmp_path / "notes")
    assert (done.returncode, done.stdout) == (2, "")
    assert "No images in" in done.stderr


def test_a_result_that_cannot_be_written_is_told_before_the_work(
    cli: Run, cells: Path, tmp_path: Path
) -> None:
    for out in (tmp_path / "nowhere" / "out.json", tmp_path):
        done = cli("predict", cells, "--json", out)
        assert (done.returncode, done.stdout) == (2, "")
        assert str(out) in done.stderr
        assert "Traceback" not in done.stderr


def test_predict_prints_a_line_a_file_whatever_its_name(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "a\nb\x1b[2J.png").write_bytes(b"words")
    told = cli("predict", tmp_path).stdout
    assert told.startswith(f"{tmp_path}/a\\nb\\x1b[2J.png: ")
    assert told.count("\n") == 1
