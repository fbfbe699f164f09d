"""Cards as documents: over any page, also over a page that shows the same one."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from core.access.accounts import Role
from core.settings import Settings


def cards(app: AppTest) -> list[str]:
    return [text.value for text in app.markdown if "# Intended use" in text.value]


def test_the_badge_of_the_bundle_opens_its_card(
    open_page: Callable[[str, Role], AppTest], settings: Settings
) -> None:
    app = open_page("Home.py", Role.CLINICIAN)
    assert not cards(app)
    next(b for b in app.sidebar.button if b.label == settings.bundle).click().run()
    assert not app.exception
    (card,) = cards(app)
    assert f"# {settings.bundle}\n" in card
    assert [button.label for button in app.get("download_button")] == ["Card (Markdown)"]


def page_with_a_card_under_the_same() -> None:
    from core.settings import settings
    from core.vision.bundle import find_bundle
    from pages.components.shared import documents

    card = find_bundle(settings().bundle, settings()).card
    documents.card(card)
    documents.open_card(card)


def test_the_card_opens_over_a_page_that_shows_it(settings: Settings) -> None:
    app = AppTest.from_function(page_with_a_card_under_the_same, default_timeout=60).run()
    assert not app.exception
    assert len(cards(app)) == 2
