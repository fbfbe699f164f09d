"""How it looks: the dashboard's colours, the fonts of the machine, nothing fetched from outside."""

from pathlib import Path

from gradio.themes import Base, Color

from apps.gradio import card

_HERE = Path(__file__).parent
CSS = (_HERE / "style.css").read_text(encoding="utf-8")
HEAD = f"""<link rel="icon" href="{card.icon()}">
<script>{(_HERE / "paste.js").read_text(encoding="utf-8")}</script>"""
_EOSIN = Color(
    c50="#FBF3F7",
    c100="#F6E4EE",
    c200="#EBC5DA",
    c300="#E9A3C5",
    c400="#D276A6",
    c500="#C24E8A",
    c600="#8C1D5B",
    c700="#75164B",
    c800="#5C103B",
    c900="#430B2B",
    c950="#2B071B",
)
_PAPER = Color(
    c50="#FDFBF9",
    c100="#F5EFEC",
    c200="#E4D9D6",
    c300="#CFC1BE",
    c400="#B5A8B1",
    c500="#8A7F88",
    c600="#6E6069",
    c700="#40323E",
    c800="#251C25",
    c900="#2B1F29",
    c950="#191319",
)


def theme() -> Base:
    """The theme of the page."""
    return Base(
        primary_hue=_EOSIN,
        secondary_hue=_EOSIN,
        neutral_hue=_PAPER,
        font=["system-ui", "sans-serif"],
        font_mono=["ui-monospace", "monospace"],
        radius_size="md",
    ).set(
        body_background_fill="*neutral_50",
        body_text_color="*neutral_900",
        body_text_color_subdued="*neutral_600",
        block_title_text_color="*body_text_color",
        checkbox_label_background_fill="*neutral_100",
        checkbox_label_background_fill_dark="*neutral_900",
        checkbox_label_text_color_selected="white",
        checkbox_label_background_fill_selected="*primary_600",
        button_secondary_background_fill="*neutral_100",
        button_secondary_background_fill_dark="*neutral_900",
        button_primary_background_fill="*primary_600",
        button_primary_background_fill_hover="*primary_700",
        button_primary_text_color="white",
        block_label_text_color="*neutral_600",
    )
