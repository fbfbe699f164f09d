"""People: who may sign in, as what, and everything that was done; for admins."""

import streamlit as st

from core.access.accounts import Role
from pages.components import guard, layout, people_keys, people_table, people_trail

admin = guard.require(Role.ADMIN)
layout.page("People", "Who may sign in, as what, and everything that was done.")
table, keys, trail = st.tabs(["Accounts", "API keys", "Audit trail"])
with table:
    people_table.draw(admin)
with keys:
    people_keys.draw(admin)
with trail:
    people_trail.draw()
