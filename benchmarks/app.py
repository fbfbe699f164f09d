"""In a real browser: from the app's start to a prediction, and from an upload to its prediction.

    python -m benchmarks.app IMAGE [--repeats 10]

Starts ``apps.server`` twice on a state folder of its own; the second start counts. The times
include the browser, so they bound the app's own from above; beside the upload stands the same
round trip without any prediction, a click on "Table", as what Streamlit and the browser cost alone.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, sync_playwright

from core.access import accounts, sessions
from core.access.accounts import Role
from core.records import schema
from core.records.store import Store
from core.settings import ROOT, Settings
from pages.components.shell.cookie import NAME

PORT = 8699
ADDRESS = f"http://localhost:{PORT}"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]


@contextmanager
def served(settings: Settings) -> Iterator[float]:
    """A running server; gives the moment at which its process was asked for."""
    own = {"BLOODCELLS_STATE_DIR": str(settings.state_dir), "PORT": str(PORT)}
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "apps.server"],
        cwd=ROOT,
        env={**os.environ, **own},
        stdout=subprocess.DEVNULL,
    )
    try:
        while not is_up():
            time.sleep(0.05)
        yield started
    finally:
        process.terminate()
        process.wait(timeout=30)


def is_up() -> bool:
    """Whether the server answers."""
    try:
        return bool(urllib.request.urlopen(f"{ADDRESS}/_stcore/health", timeout=2).status == 200)
    except (urllib.error.URLError, OSError):
        return False


def predict(page: Page, name: str, data: bytes) -> None:
    """Uploads one image and waits until its prediction stands there."""
    upload = {"name": name, "mimeType": "image/jpeg", "buffer": data}
    page.locator("input[type=file]").first.set_input_files(upload)
    await_element(page, ".st-key-verdict_confirm")


def await_element(page: Page, selector: str, *, gone: bool = False) -> None:
    """Waits until it stands there or is gone; asks at each frame, not each 500 ms."""
    page.wait_for_function(
        "([selector, gone]) => (document.querySelector(selector) === null) === gone",
        arg=[selector, gone],
        polling="raf",
    )


def main() -> None:
    """Prints a line a figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("image", type=Path)
    parser.add_argument("--repeats", type=int, default=10)
    args = parser.parse_args()
    data = args.image.read_bytes()
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        settings = Settings(state_dir=Path(folder))
        schema.migrate(settings.database)
        store = Store(settings.database)
        account = accounts.create(store, "bench", "Bench", Role.CLINICIAN, os.urandom(12).hex())
        cookie = {"name": NAME, "value": sessions.issue(account, settings), "url": ADDRESS}
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        with served(settings):
            pass
        with served(settings) as started:
            up = time.perf_counter() - started
            context = browser.new_context(viewport={"width": 1280, "height": 720})
            context.add_cookies([cookie])
            page = context.new_page()
            page.goto(f"{ADDRESS}/predict")
            predict(page, "first.jpg", data)
            first = time.perf_counter() - started
            print(f"second start: listens after {up:.1f} s, first prediction after {first:.1f} s")
            uploads, clicks = [], []
            for number in range(args.repeats):
                page.get_by_role("button", name="Clear").click()
                page.get_by_role("button", name="Try with example cells").wait_for()
                begin = time.perf_counter()
                predict(page, f"{number}.jpg", data)
                uploads.append((time.perf_counter() - begin) * 1000)
                begin = time.perf_counter()
                page.get_by_text("Table", exact=True).click()
                await_element(page, "[data-testid=stDataFrame]")
                clicks.append((time.perf_counter() - begin) * 1000)
                page.get_by_text("Most doubtful first").click()
                await_element(page, "[data-testid=stDataFrame]", gone=True)
            upload, click = statistics.median(uploads), statistics.median(clicks)
            print(f"upload to prediction {upload:.0f} ms, a click without one {click:.0f} ms")
            print(f"difference {upload - click:.0f} ms")


if __name__ == "__main__":
    main()
