"""Streamlit parts: one package a page, ``shell`` around them, ``shared`` between them."""
