"""An image is for whoever may see its reading, and only admins delete it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.access import accounts
from core.access.accounts import Account, Role
from core.access.images import delete_image, image_of
from core.errors import NotAllowedError, RecordError
from core.prediction import CellRef
from core.records import audit
from core.records.history.filter import Viewer
from core.records.images import ImageStore, NewImage
from core.records.readings import NewReading
from core.records.store import Store
from tests.core.records.test_images import new
from tests.factories import make_prediction

GetAccount = Callable[[Role], Account]


@pytest.fixture
def images(tmp_path: Path) -> ImageStore:
    return ImageStore(tmp_path / "images")


@pytest.fixture
def image() -> NewImage:
    return new()


@pytest.fixture
def reading_id(store: Store, images: ImageStore, image: NewImage, account: GetAccount) -> int:
    """A reading of the clinician."""
    said = make_prediction(cell=CellRef(image.sha256, "a.png"))
    asked = account(Role.CLINICIAN).id
    return store.log([NewReading(said, asked, image=image)], images=images)[0]


def viewer(account: Account) -> Viewer:
    return Viewer(account.role, account.id)


@pytest.mark.parametrize("role", list(Role))
def test_the_owner_and_who_sees_all_see_the_image(
    store: Store,
    images: ImageStore,
    image: NewImage,
    reading_id: int,
    account: GetAccount,
    role: Role,
) -> None:
    assert image_of(store, images, viewer(account(role)), reading_id) == image.data


def test_another_clinician_does_not(
    store: Store, images: ImageStore, reading_id: int, account: GetAccount
) -> None:
    other = accounts.create(store, "other", "Other", Role.CLINICIAN, "correct horse battery")
    with pytest.raises(RecordError, match="no reading"):
        image_of(store, images, viewer(other), reading_id)


def test_an_admin_deletes_it_and_the_trail_says_so(
    store: Store, images: ImageStore, image: NewImage, reading_id: int, account: GetAccount
) -> None:
    admin = account(Role.ADMIN)
    delete_image(store, images, admin, reading_id)
    assert image_of(store, images, viewer(admin), reading_id) is None
    (entry,) = audit.entries(store, action="image_deleted")
    assert (entry.actor, entry.subject) == ("admin", image.sha256)
    assert entry.details == {"reading": reading_id, "readings": 1}
    assert store.reading(reading_id).image_deleted_at


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.SCIENTIST])
def test_nobody_else_deletes(
    store: Store, images: ImageStore, reading_id: int, account: GetAccount, role: Role
) -> None:
    with pytest.raises(NotAllowedError):
        delete_image(store, images, account(role), reading_id)
    assert image_of(store, images, viewer(account(role)), reading_id)


def test_an_admin_who_is_none_any_more_does_not_either(
    store: Store, images: ImageStore, reading_id: int, account: GetAccount
) -> None:
    admin = account(Role.ADMIN)
    accounts.create(store, "second", "Second", Role.ADMIN, "correct horse battery")
    accounts.set_role(store, "admin", Role.SCIENTIST)
    with pytest.raises(NotAllowedError):
        delete_image(store, images, admin, reading_id)
    assert store.reading(reading_id).image_deleted_at is None


def test_what_cannot_be_removed_is_not_marked_as_deleted(
    store: Store,
    images: ImageStore,
    reading_id: int,
    account: GetAccount,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def locked(*_args: object, **_options: object) -> None:
        raise PermissionError("not yours")

    monkeypatch.setattr(Path, "rename", locked)
    with pytest.raises(RecordError, match="cannot be deleted"):
        delete_image(store, images, account(Role.ADMIN), reading_id)
    assert store.reading(reading_id).image_deleted_at is None
    assert audit.entries(store, action="image_deleted") == []
