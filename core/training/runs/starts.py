"""The models that a run starts from."""

from core.errors import InvalidConfigError
from core.settings import Settings
from core.training.config import TrainConfig
from core.vision.bundle import Bundle, find_bundle


def starts_of(config: TrainConfig, settings: Settings) -> tuple[Bundle, ...]:
    """Those that ``config`` names, checked.

    Raises:
        BundleError: one is gone or refused.
        InvalidConfigError: one is of another architecture.
    """
    found = tuple(find_bundle(name, settings) for name in config.starts)
    for bundle in found:
        if bundle.card.architecture != config.architecture:
            raise InvalidConfigError(
                f"{bundle.name}, the model to start from, is of the network "
                f"{bundle.card.architecture}, this run of {config.architecture}. Choose the same "
                "network for both."
            )
    return found
