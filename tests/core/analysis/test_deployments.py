"""What answers stands in the database: decided once, kept for good, never something else."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from core.access import accounts
from core.access.accounts import COMMAND_LINE, Account, Role
from core.analysis import deployments
from core.analysis.deployments import OLD_CHOICE, current, go_back, use_bundle, use_profile
from core.analysis.profiles import save_profile
from core.errors import (
    BloodCellsError,
    BundleMissingError,
    BundleRefusedError,
    DeploymentError,
    NotAllowedError,
    ProfileError,
)
from core.records import audit
from core.records.deployments import Deployment, newest_first
from core.records.store import Store
from core.settings import Settings
from core.vision.bundle import load_bundle, write_card
from core.vision.profile import Profile
from tests.factories import make_bundle, make_profile
from tests.threads import at_once

GetAccount = Callable[[Role], Account]


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle to copy: exporting one takes seconds."""
    return make_bundle(tmp_path_factory.mktemp("models")).folder


@pytest.fixture
def models(settings: Settings, exported: Path) -> Settings:
    """Settings under which "one" and "two" could answer."""
    for name in ("one", "two"):
        folder = settings.bundle_dirs[1] / name
        shutil.copytree(exported, folder)
        write_card(folder, load_bundle(folder).card.model_copy(update={"name": name}))
    return settings


@pytest.fixture
def ward(settings: Settings) -> Profile:
    """A laboratory profile that is kept."""
    profile = make_profile(bundle="one")
    save_profile(profile, settings)
    return profile


@pytest.fixture
def admin(account: GetAccount) -> Account:
    return account(Role.ADMIN)


def test_the_settings_bundle_answers_until_another_is_put_into_use(
    store: Store, models: Settings, admin: Account
) -> None:
    assert current(store, models) == Deployment(models.bundle)
    use_bundle(store, models, admin, "one")
    now = current(store, models)
    assert (now.bundle, now.profile, now.by) == ("one", None, "admin")
    assert now.bundle_hash == load_bundle(models.bundle_dirs[1] / "one").hash
    (entry,) = audit.entries(store, action="model_put_into_use")
    assert (entry.actor, entry.subject) == ("admin", "one")


def test_a_profile_goes_when_another_bundle_comes_and_a_bundle_stays_when_the_profile_goes(
    store: Store, models: Settings, admin: Account, ward: Profile
) -> None:
    use_bundle(store, models, admin, "one")
    use_profile(store, models, admin, "ward-3")
    assert current(store, models).models[2:] == ("ward-3", ward.hash)
    use_profile(store, models, admin, None)
    assert current(store, models).models[::2] == ("one", None)
    use_profile(store, models, admin, "ward-3")
    use_bundle(store, models, admin, "two")
    assert current(store, models).models[::2] == ("two", None)
    assert current(store, models).profile_hash is None
    told = audit.entries(store, limit=1)[0].details
    assert (told["before"]["profile"], "profile" in told["now"]) == ("ward-3", False)
    assert [entry.action for entry in audit.entries(store, limit=5)] == [
        "model_put_into_use",
        "laboratory_profile_used",
        "laboratory_profile_no_longer_used",
        "laboratory_profile_used",
        "model_put_into_use",
    ]


def test_a_profile_of_another_bundle_is_not_used(
    store: Store, models: Settings, admin: Account, ward: Profile
) -> None:
    use_bundle(store, models, admin, "two")
    with pytest.raises(ProfileError, match="made with the model one"):
        use_profile(store, models, admin, "ward-3")
    assert current(store, models).profile is None


def test_where_one_stands_in_use_all_the_same_it_is_an_error(
    models: Settings, ward: Profile
) -> None:
    with pytest.raises(DeploymentError):
        deployments.profile_of(Deployment("two", profile="ward-3"), models)


def test_going_back_brings_bundle_and_profile_of_that_time(
    store: Store, models: Settings, admin: Account, ward: Profile
) -> None:
    use_bundle(store, models, admin, "one")
    use_profile(store, models, admin, "ward-3")
    use_bundle(store, models, admin, "two")
    go_back(store, models, admin)
    assert current(store, models).models[::2] == ("one", "ward-3")
    go_back(store, models, admin)
    assert current(store, models).models[::2] == ("two", None)
    assert [one.bundle for one in newest_first(store)] == ["two", "one", "two", "one", "one"]


def test_where_nothing_else_answered_there_is_no_way_back(store: Store, models: Settings) -> None:
    with pytest.raises(DeploymentError):
        go_back(store, models, COMMAND_LINE)


def test_what_stands_already_is_not_written_again(
    store: Store, models: Settings, admin: Account
) -> None:
    at_once(4, lambda _: use_bundle(store, models, admin, "one"))
    assert len(newest_first(store)) == 1
    assert len(audit.entries(store, action="model_put_into_use")) == 1


def test_of_many_at_once_nothing_is_lost(
    store: Store, models: Settings, admin: Account, ward: Profile
) -> None:
    save_profile(make_profile(name="ward-4", bundle="one"), models)
    deeds: list[Callable[[], None]] = [
        lambda: use_bundle(store, models, admin, "one"),
        lambda: use_profile(store, models, admin, "ward-4"),
    ]
    use_bundle(store, models, admin, "one")
    use_profile(store, models, admin, "ward-3")
    at_once(2, lambda number: deeds[number]())
    assert current(store, models).models[::2] == ("one", "ward-4")


def test_a_bundle_that_cannot_be_opened_is_not_put_into_use(
    store: Store, models: Settings, admin: Account
) -> None:
    use_bundle(store, models, admin, "one")
    (models.bundle_dirs[1] / "two" / "weights.pth").write_bytes(b"broken")
    with pytest.raises(BundleRefusedError):
        use_bundle(store, models, admin, "two")
    with pytest.raises(BundleMissingError):
        use_bundle(store, models, admin, "three")
    with pytest.raises(ProfileError):
        use_profile(store, models, admin, "nowhere")
    assert [one.bundle for one in newest_first(store)] == ["one"]


def test_a_bundle_that_is_gone_or_changed_is_an_error(
    store: Store, models: Settings, admin: Account
) -> None:
    use_bundle(store, models, admin, "one")
    folder = models.bundle_dirs[1] / "one"
    card = load_bundle(folder).card
    write_card(folder, card.model_copy(update={"limits": "Others."}))
    with pytest.raises(DeploymentError):
        deployments.bundle_of(current(store, models), models)
    shutil.rmtree(folder)
    with pytest.raises(BundleMissingError):
        deployments.bundle_of(current(store, models), models)


def test_a_profile_that_is_gone_damaged_or_changed_is_an_error(
    store: Store, models: Settings, admin: Account, ward: Profile
) -> None:
    use_bundle(store, models, admin, "one")
    use_profile(store, models, admin, "ward-3")
    now, file = current(store, models), models.profiles_dir / "ward-3.json"
    assert deployments.profile_of(now, models) == ward
    for text in (ward.model_copy(update={"cells": 61}).model_dump_json(), "{"):
        file.write_text(text)
        with pytest.raises(DeploymentError):
            deployments.profile_of(now, models)
    file.unlink()
    with pytest.raises(DeploymentError):
        deployments.profile_of(now, models)


def test_an_older_installations_choice_is_taken_over_once(
    store: Store, models: Settings, ward: Profile
) -> None:
    (models.state_dir / OLD_CHOICE).write_text(json.dumps({"bundle": "two", "profile": "ward-3"}))
    found = at_once(4, lambda _: current(store, models))
    assert {one.models[::2] for one in found} == {("two", "ward-3")}
    assert len(newest_first(store)) == 1
    assert not (models.state_dir / OLD_CHOICE).exists()


def test_an_older_choice_that_cannot_be_read_is_told_and_can_be_replaced(
    store: Store, models: Settings, admin: Account
) -> None:
    (models.state_dir / OLD_CHOICE).write_text("[]")
    with pytest.raises(DeploymentError):
        current(store, models)
    use_bundle(store, models, admin, "one")
    assert current(store, models).bundle == "one"


DEEDS: dict[str, Callable[[Store, Settings, Account], None]] = {
    "use a model": lambda store, chosen, by: use_bundle(store, chosen, by, "two"),
    "use a profile": lambda store, chosen, by: use_profile(store, chosen, by, "ward-3"),
    "use none": lambda store, chosen, by: use_profile(store, chosen, by, None),
    "go back": go_back,
}
LOSSES: dict[str, Callable[[Store, Account], None]] = {
    "disabled": lambda store, a: accounts.disable(store, a.username),
    "signed out": accounts.sign_out,
    "demoted": lambda store, a: accounts.set_role(store, a.username, Role.CLINICIAN),
}


@pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS)
@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_yesterdays_account_changes_nothing(
    store: Store,
    models: Settings,
    admin: Account,
    ward: Profile,
    deed: Callable[[Store, Settings, Account], None],
    loss: Callable[[Store, Account], None],
) -> None:
    accounts.create(store, "second", "", Role.ADMIN, "another one, long")
    use_bundle(store, models, admin, "one")
    before = newest_first(store)
    loss(store, admin)
    with pytest.raises(NotAllowedError):
        deed(store, models, admin)
    assert newest_first(store) == before


def test_an_account_that_is_lost_while_the_network_opens_changes_nothing(
    store: Store, models: Settings, admin: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts.create(store, "second", "", Role.ADMIN, "another one, long")
    monkeypatch.setattr(
        deployments, "open_classifier", lambda *_: accounts.disable(store, admin.username)
    )
    with pytest.raises(NotAllowedError):
        use_bundle(store, models, admin, "one")
    assert newest_first(store) == []


@pytest.mark.parametrize(
    ("role", "may_deploy", "may_profile"),
    [(Role.CLINICIAN, False, False), (Role.SCIENTIST, False, True), (Role.ADMIN, True, True)],
)
def test_bundles_are_for_admins_profiles_for_scientists_too(
    store: Store,
    models: Settings,
    account: GetAccount,
    ward: Profile,
    role: Role,
    may_deploy: bool,
    may_profile: bool,
) -> None:
    def done(deed: Callable[[], None]) -> bool:
        try:
            deed()
        except BloodCellsError as error:
            assert isinstance(error, NotAllowedError)
            return False
        return True

    person = account(role)
    assert done(lambda: use_bundle(store, models, person, "one")) is may_deploy
    use_bundle(store, models, COMMAND_LINE, "one")
    assert done(lambda: use_profile(store, models, person, "ward-3")) is may_profile
