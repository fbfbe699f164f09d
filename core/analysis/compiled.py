"""Bundles that are compiled in this process: each once, whoever asks, and in nobody else's way."""

from collections import OrderedDict
from concurrent.futures import Future
from pathlib import Path
from threading import Lock

from core.settings import Settings
from core.vision.bundle import Bundle
from core.vision.classifier import Classifier

MOST = 2  # what answers, and what answered before or is being tried

Key = tuple[Path, str, str]
_lock = Lock()  # never held while a network is compiled, which takes seconds
_compiled: OrderedDict[Key, Future[Classifier]] = OrderedDict()


def open_classifier(bundle: Bundle, settings: Settings) -> Classifier:
    """The bundle, compiled. Of several who come at once one compiles it and the others wait.

    Raises:
        BundleRefusedError: the runtime cannot execute it; the next one to ask tries again.
    """
    key = bundle.folder, bundle.hash, settings.runtime
    with _lock:
        opening = _compiled.get(key)
        if opening is not None:
            _compiled.move_to_end(key)
        else:
            mine = _compiled[key] = Future()
            while len(_compiled) > MOST:
                _compiled.popitem(last=False)
    if opening is not None:
        return opening.result()
    try:
        mine.set_result(Classifier(bundle, settings.runtime))
    except BaseException as error:
        with _lock:
            _compiled.pop(key, None)
        mine.set_exception(error)
    return mine.result()
