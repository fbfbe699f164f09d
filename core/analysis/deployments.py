"""What answers: one bundle and at most one laboratory profile, the same in every process.

It stands in the database. What cannot be opened is never put into use; what was put into use and is
gone or another by now is an error, and nothing else answers in its place.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from core.access.permissions import Action, require
from core.access.rows import COMMAND_LINE, Actor, name_of
from core.analysis.compiled import open_classifier
from core.analysis.profiles import load_profile
from core.errors import BundleMissingError, DeploymentError, ProfileError
from core.records import audit, deployments
from core.records.deployments import Deployment
from core.records.store import Store
from core.settings import Settings
from core.vision.bundle import Bundle, find_bundle
from core.vision.profile import Profile

OLD_CHOICE = "in_use.json"  # where installations kept their choice before it stood in the database
ANOTHER = "Put another into use on the Models page, or by: python -m apps.cli models use NAME"


def current(store: Store, settings: Settings) -> Deployment:
    """What was put into use last; the settings' bundle where nothing ever was.

    Raises:
        DeploymentError: an older installation's choice cannot be read.
        RecordError: the database cannot be read.
    """
    with store.read() as session:
        found = deployments.newest(session)
    if found is None and (settings.state_dir / OLD_CHOICE).is_file():
        return _take_over(store, settings)
    return found or Deployment(settings.bundle)


def earlier(store: Store, settings: Settings) -> Deployment | None:
    """What answered before the bundle that answers now; None where nothing else did."""
    now = current(store, settings)
    known = [*deployments.newest_first(store), Deployment(settings.bundle)]
    return next((one for one in known if one.bundle != now.bundle), None)


def bundle_of(deployed: Deployment, settings: Settings) -> Bundle:
    """The bundle that was put into use.

    Raises:
        BundleMissingError: it is gone.
        BundleRefusedError: it is damaged.
        DeploymentError: another one stands under its name by now.
    """
    bundle = find_bundle(deployed.bundle, settings)
    if deployed.bundle_hash not in (None, bundle.hash):
        raise DeploymentError(
            f"Model {bundle.name} is not the one that was put into use: its files changed. "
            f"{ANOTHER}"
        )
    return bundle


def profile_of(deployed: Deployment, settings: Settings) -> Profile | None:
    """The laboratory profile that was put into use; None for none.

    Raises:
        DeploymentError: it is gone or damaged, another one stands under its name by now, or it was
            made with another bundle.
    """
    if deployed.profile is None:
        return None
    stop = "Stop using it on the Laboratory page, or use another."
    try:
        profile = load_profile(deployed.profile, settings)
    except ProfileError as error:
        raise DeploymentError(f"The laboratory profile in use is lost. {error} {stop}") from error
    if deployed.profile_hash not in (None, profile.hash):
        raise DeploymentError(
            f"Laboratory profile {profile.name} is not the one that was put into use: its file "
            f"changed. {stop}"
        )
    try:
        profile.check_made_with(deployed.bundle)
    except ProfileError as error:
        raise DeploymentError(f"{error} {stop}") from error
    return profile


def use_bundle(store: Store, settings: Settings, by: Actor, name: str) -> None:
    """Lets this bundle answer from the next image on, in every process.

    A laboratory profile that another bundle's predictions made is no longer used with it.

    Raises:
        NotAllowedError: ``by`` may not.
        BundleMissingError, BundleRefusedError: it cannot be opened; nothing changes.
    """
    require(store, by, Action.DEPLOY)  # before the long work; in the transaction it is asked again
    bundle = find_bundle(name, settings)
    open_classifier(bundle, settings)
    with suppress(DeploymentError):  # a choice that cannot be read is replaced by this one
        current(store, settings)

    def change(now: Deployment) -> Deployment:
        _require_there(bundle)
        kept = now if _fits(now, bundle.name, settings) else replace(now, profile=None)
        hash_ = kept.profile and kept.profile_hash
        return replace(kept, bundle=bundle.name, bundle_hash=bundle.hash, profile_hash=hash_)

    _put(store, settings, by, Action.DEPLOY, "model_put_into_use", change)


def use_profile(store: Store, settings: Settings, by: Actor, name: str | None) -> None:
    """Gives all predictions under this laboratory profile, or under none; the bundle stays.

    Raises:
        NotAllowedError: ``by`` may not.
        ProfileError: it is missing or damaged, or another bundle's predictions made it; nothing
            changes.
        DeploymentError: an older installation's choice cannot be read.
    """
    require(store, by, Action.USE_PROFILE)
    profile = load_profile(name, settings) if name else None
    current(store, settings)

    def change(now: Deployment) -> Deployment:
        if profile:
            profile.check_made_with(now.bundle)
        return replace(now, profile=name, profile_hash=profile.hash if profile else None)

    entry = "laboratory_profile_used" if name else "laboratory_profile_no_longer_used"
    _put(store, settings, by, Action.USE_PROFILE, entry, change)


def go_back(store: Store, settings: Settings, by: Actor) -> None:
    """Lets the bundle answer again that did before, under the profile of that time.

    Raises:
        NotAllowedError: ``by`` may not.
        DeploymentError: nothing else answered yet, or somebody put another into use meanwhile.
        BundleMissingError, BundleRefusedError: it cannot be opened; nothing changes.
    """
    require(store, by, Action.DEPLOY)
    seen, wanted = current(store, settings), earlier(store, settings)
    if wanted is None:
        raise DeploymentError("No other model has answered yet. Choose one and put it into use.")
    bundle = bundle_of(wanted, settings)
    open_classifier(bundle, settings)
    profile_of(wanted, settings)

    def change(now: Deployment) -> Deployment:
        if now.models != seen.models:
            raise DeploymentError("Somebody put another model into use meanwhile. Look again.")
        _require_there(bundle)
        return wanted

    _put(store, settings, by, Action.DEPLOY, "model_put_into_use", change)


def _put(
    store: Store,
    settings: Settings,
    by: Actor,
    action: Action,
    entry: str,
    change: Callable[[Deployment], Deployment],
) -> None:
    """Decides in one transaction; what stands already is not written again."""
    with store.write() as session:
        require(session, by, action)
        deployments.in_turn(session)
        now = deployments.newest(session) or Deployment(settings.bundle)
        wanted = change(now)
        if wanted.models == now.models:
            return
        deployments.add(session, wanted, None if by == COMMAND_LINE else by.id)
        names = {Action.DEPLOY: wanted.bundle, Action.USE_PROFILE: wanted.profile or now.profile}
        told = {"before": dict(_told(now)), "now": dict(_told(wanted))}
        audit.add(session, name_of(by), entry, names[action] or "", told)


def _fits(deployed: Deployment, bundle: str, settings: Settings) -> bool:
    """Whether the profile in use, if any, was made with this bundle; what is lost fits none."""
    try:
        profile = profile_of(deployed, settings)
    except DeploymentError:
        return False
    return profile is None or profile.bundle == bundle


def _require_there(bundle: Bundle) -> None:
    """For the transaction itself: a run may have been deleted, and its best epoch with it."""
    if not bundle.folder.is_dir():
        raise BundleMissingError(f"Model {bundle.name} was deleted meanwhile. Choose another.")


def _told(deployed: Deployment) -> list[tuple[str, str | None]]:
    names = ("bundle", "bundle_hash", "profile", "profile_hash")
    return [(name, told) for name, told in zip(names, deployed.models, strict=True) if told]


def _take_over(store: Store, settings: Settings) -> Deployment:
    """Puts an older installation's choice into the database, once."""
    file = settings.state_dir / OLD_CHOICE
    try:
        known = json.loads(file.read_bytes())
        chosen = Deployment(known["bundle"], profile=known["profile"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DeploymentError(
            f"What was in use cannot be read from {file}. {ANOTHER}, or delete that file to let "
            f"{settings.bundle} answer."
        ) from error
    with store.write() as session:
        deployments.in_turn(session)
        if deployments.newest(session) is None:
            deployments.add(session, chosen, None)
            told = {"taken over from": OLD_CHOICE, **dict(_told(chosen))}
            audit.add(session, COMMAND_LINE, "model_put_into_use", chosen.bundle, told)
        found = deployments.newest(session)
    with suppress(OSError):
        file.unlink()
    return found or chosen
