"""The Models page: what answers, any other by one click, back by one click, and who may."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.access import accounts
from core.access.accounts import COMMAND_LINE, Account, Role
from core.analysis.deployments import current, use_bundle, use_profile
from core.analysis.profiles import save_profile
from core.records import audit
from core.records.deployments import newest_first
from core.records.store import Store
from core.settings import Settings
from core.settings import settings as current_settings
from core.vision.bundle import Bundle, load_bundle, write_card
from core.vision.card.contents import FurtherCells
from tests.factories import make_profile

PAGE = "pages/models.py"
OpenPage = Callable[[str, Role], AppTest]


@pytest.fixture
def in_force(bundle: Bundle, state: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings under which "tiny" answers and "other" could."""
    monkeypatch.setenv("BLOODCELLS_BUNDLE", "tiny")
    folder = state / "models" / "other"
    shutil.copytree(bundle.folder, folder)
    write_card(folder, load_bundle(folder).card.model_copy(update={"name": "other"}))
    current_settings.cache_clear()
    return current_settings()


def saved_profile(settings: Settings, bundle: str = "tiny") -> str:
    """The name of a laboratory profile that may be used with this bundle."""
    profile = make_profile(bundle=bundle)
    save_profile(profile, settings)
    return profile.name


def keys(app: AppTest) -> set[str]:
    return {button.key for button in app.button if button.key}


def test_an_admin_puts_a_model_into_use_and_goes_back(
    open_page: OpenPage, in_force: Settings, store: Store
) -> None:
    app = open_page(PAGE, Role.ADMIN)
    assert not app.exception
    assert "tiny" in app.success[0].value
    assert "models_use_tiny" not in keys(app)
    app.button(key="models_use_other").click().run()
    assert not app.exception and not app.error
    assert current(store, in_force).bundle == "other"
    assert "other" in app.success[0].value
    assert audit.entries(store, action="model_put_into_use")[0].actor == "admin"
    app.button(key="models_back").click().run()
    assert current(store, in_force).bundle == "tiny"
    assert list(app.dataframe[0].value["Model"]) == ["tiny", "other"]


def test_a_new_profile_is_no_new_model(
    open_page: OpenPage, in_force: Settings, store: Store, account: Callable[[Role], Account]
) -> None:
    use_bundle(store, in_force, COMMAND_LINE, "other")
    use_profile(store, in_force, account(Role.ADMIN), saved_profile(in_force, "other"))
    app = open_page(PAGE, Role.SCIENTIST)
    assert "by the command line" in app.success[0].value
    assert any("by admin" in text.value for text in app.text)
    past = app.dataframe[0].value
    assert list(past["Changed"]) == ["Profile", "Model"]


def test_a_model_that_nobody_put_into_use_has_its_hash_in_the_history(
    open_page: OpenPage, in_force: Settings, store: Store, bundle: Bundle
) -> None:
    use_profile(store, in_force, COMMAND_LINE, saved_profile(in_force))
    app = open_page(PAGE, Role.SCIENTIST)
    assert "since" not in app.success[0].value
    assert list(app.dataframe[0].value["Model's hash"]) == [bundle.hash[:12]]
    assert any(bundle.hash[:12] in text.value for text in app.text)


def test_a_scientist_looks(open_page: OpenPage, in_force: Settings, store: Store) -> None:
    use_bundle(store, in_force, COMMAND_LINE, "other")
    app = open_page(PAGE, Role.SCIENTIST)
    assert not app.exception
    assert "other" in app.success[0].value
    assert "models_card_tiny" in keys(app)
    assert not {key for key in keys(app) if key.startswith(("models_use", "models_back"))}


def test_all_that_a_model_learnt_from_is_named(
    open_page: OpenPage, in_force: Settings, bundle: Bundle
) -> None:
    other = FurtherCells(source="Cells of the north", images=3, licence="MIT", citation="none")
    data = bundle.card.data.model_copy(update={"source": "Cells of the south", "further": (other,)})
    write_card(bundle.folder, bundle.card.model_copy(update={"data": data}))
    told = next(
        text.value for text in open_page(PAGE, Role.SCIENTIST).text if "south" in text.value
    )
    assert "Cells of the north" in told


def test_a_model_that_cannot_be_opened_is_refused_on_the_page(
    open_page: OpenPage, in_force: Settings, store: Store
) -> None:
    app = open_page(PAGE, Role.ADMIN)
    (in_force.bundle_dirs[1] / "other" / "network.bin").write_bytes(b"broken")
    app.button(key="models_use_other").click().run()
    assert not app.exception
    assert app.error
    assert newest_first(store) == []


def test_a_model_in_use_that_is_lost_is_told_and_can_be_replaced(
    open_page: OpenPage, in_force: Settings, store: Store
) -> None:
    use_bundle(store, in_force, COMMAND_LINE, "other")
    shutil.rmtree(in_force.bundle_dirs[1] / "other")
    home = open_page("Home.py", Role.ADMIN)
    assert any("No model in use" in text.value for text in home.sidebar.markdown)
    for page in ("pages/predict.py", PAGE):
        app = open_page(page, Role.ADMIN)
        assert not app.exception
        assert app.error
    assert not open_page("pages/evaluation.py", Role.ADMIN).exception
    app.button(key="models_use_tiny").click().run()
    assert current(store, in_force).bundle == "tiny"
    assert not app.error


def test_an_older_choice_that_cannot_be_read_can_be_replaced(
    open_page: OpenPage, in_force: Settings, store: Store
) -> None:
    (in_force.state_dir / "in_use.json").write_text("{")
    app = open_page(PAGE, Role.ADMIN)
    assert not app.exception
    assert app.error
    app.button(key="models_use_tiny").click().run()
    assert current(store, in_force).bundle == "tiny"


def test_a_click_of_a_disabled_admin_changes_nothing(
    open_page: OpenPage, in_force: Settings, store: Store, account: Callable[[Role], Account]
) -> None:
    accounts.create(store, "second", "", Role.ADMIN, "another one, long")
    app = open_page(PAGE, Role.ADMIN)
    accounts.disable(store, "admin")
    app.button(key="models_use_other").click().run()
    assert not app.exception
    assert newest_first(store) == []
