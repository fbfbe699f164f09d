"""Everything that is known about reading blood cells; knows no Streamlit, FastAPI or Typer."""

__version__ = "0.1.0"
