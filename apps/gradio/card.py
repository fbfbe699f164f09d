"""What stands on the page as HTML: a prediction, a refusal, who is signed in."""

import base64
from html import escape

from core.access.accounts import Account
from core.analysis.intake import CellImage
from core.analysis.logging import LoggedPrediction, thumbnail
from core.morphology import seen_in_words
from core.prediction import Prediction
from core.settings import ROOT
from core.taxonomy import RESEARCH_USE, is_kind, kind
from core.vision.decision import set_in_words

NAME = "Blood cell classification"
IMAGE_PX = 384
EMPTY = '<p class="empty">The prediction will stand here.</p>'
FOOT = f'<p class="quiet foot">{RESEARCH_USE}</p>'
_NEUTRAL = "#8A7F88"


def icon() -> str:
    """The project's mark as a data URL."""
    return _url("image/svg+xml", (ROOT / "pages/components/assets/icon.svg").read_bytes())


def head() -> str:
    """The mark, the name and what it is for."""
    return (
        f'<div class="head"><img src="{icon()}" alt=""><div><h1>{NAME}</h1>'
        "<p>Which cell is it, how confident is the prediction, and what do you say?</p></div></div>"
    )


def who(account: Account) -> str:
    """Who is signed in, and the way out."""
    return (
        f'<form class="who" method="post" action="logout"><span>{escape(account.display_name)}, '
        f"{account.role.shown.lower()}</span><button>Sign out</button></form>"
    )


def prediction(logged: LoggedPrediction, *, drawn: bool) -> str:
    """The image, its class, whether a person should look and why, and all probabilities."""
    given = logged.prediction
    example = " A synthetic example, not a real cell." if drawn else ""
    rows = "".join(_row(key, share) for key, share in given.probabilities.items())
    return (
        f'<div class="prediction">{image_tag(logged.image, IMAGE_PX, given.cell.name)}<div>'
        f'<p class="cell">{mark(given.label)} {given.confidence:.1%}</p>'
        f'<p class="status {given.status}">{given.status.shown}</p>'
        f"{_likely(given)}<p>{escape(given.reason)}</p>{_seen(given)}"
        f'<p class="quiet">{escape(given.cell.name)}, {given.milliseconds:.1f} ms, '
        f"model {escape(given.bundle)}{_under(given)}.{example}</p></div></div>"
        f'<table class="bars" aria-label="Probabilities"><tbody>{rows}</tbody></table>'
    )


def refusal(reason: str) -> str:
    """Why there is no prediction, or why something was not done."""
    return f'<p class="refused" role="alert">{escape(reason)}</p>'


def cautions(sentences: list[str]) -> str:
    """What everybody must know of the model that answers."""
    return "".join(f'<p class="refused">{escape(sentence)}</p>' for sentence in sentences)


def said(key: str) -> str:
    """What the person made of the prediction."""
    return f"<p>You say: {mark(key)}. It stands in the log beside the prediction.</p>"


def mark(key: str) -> str:
    """A class with its glyph in its colour."""
    return f'<span class="glyph" style="color:{colour(key)}">{glyph(key)}</span>{name(key)}'


def name(key: str) -> str:
    """The class as a reader knows it; other labels as they stand."""
    return kind(key).name if is_kind(key) else escape(key)


def glyph(key: str) -> str:
    """The character of a class."""
    return kind(key).glyph if is_kind(key) else ""


def colour(key: str) -> str:
    """The colour of a class."""
    return kind(key).colour if is_kind(key) else _NEUTRAL


def image_tag(image: CellImage, side_px: int, alt: str) -> str:
    """An image in the page itself: nothing is kept to fetch it from."""
    source = _url("image/jpeg", thumbnail(image, side_px, quality=90))
    return f'<img src="{source}" alt="{escape(alt)}">'


def _under(given: Prediction) -> str:
    return f", laboratory profile {escape(given.profile)}" if given.profile else ""


def _likely(given: Prediction) -> str:
    """More than one class that the cell may well be."""
    likely = given.prediction_set or ()
    return f"<p>May well be {set_in_words(likely)}.</p>" if len(likely) > 1 else ""


def _seen(given: Prediction) -> str:
    """The cell's morphology."""
    return f"<p>Seen: {seen_in_words(given.attributes)}.</p>" if given.attributes else ""


def _row(key: str, share: float) -> str:
    bar = f'<i style="width:{share:.1%};background:{colour(key)}"></i>'
    return f'<tr><th scope="row">{mark(key)}</th><td>{bar}</td><td>{share:.1%}</td></tr>'


def _url(kind: str, data: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"
