"""Everything that is known about reading blood cells; knows no Streamlit, FastAPI or Typer."""
