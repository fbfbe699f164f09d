"""Images whose time is over leave when a server starts, and once a day while it lives."""

from threading import Event, Thread

from core import logs
from core.records import retention, schema
from core.records.images import ImageStore
from core.records.store import Store
from core.settings import Settings

EVERY_S = 24 * 3600


def start(chosen: Settings, ended: Event | None = None) -> Thread:
    """Begins in a thread of its own, so that no visitor waits for it.

    Args:
        ended: ends it when set; by default it ends with the process.
    """
    thread = Thread(target=_run, args=(chosen, ended or Event()), name="retention", daemon=True)
    thread.start()
    return thread


def _run(chosen: Settings, ended: Event) -> None:
    while True:
        try:
            _tidy(chosen)
        except Exception:  # whatever failed, tomorrow is another day
            logs.log.error("retention_failed", exc_info=True)
        if ended.wait(EVERY_S):
            return


def _tidy(chosen: Settings) -> None:
    schema.migrate(chosen.database)
    store = Store(chosen.database)
    try:
        deleted = retention.tidy(store, ImageStore.from_settings(chosen))
        logs.log.info("images_tidied", deleted=deleted)
    finally:
        store.close()
