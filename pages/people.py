"""People: who may sign in, as what, and everything that was done; for admins."""

import streamlit as st

from core.access.accounts import Role
from pages.components.people import keys as people_keys
from pages.components.people import table as people_table
from pages.components.people import trail as people_trail
from pages.components.shell import guard, layout

admin = guard.require(Role.ADMIN)
layout.page("People", "Who may sign in, as what, and everything that was done.")
table, keys, trail = st.tabs(["Accounts", "API keys", "Audit trail"])
with table:
    people_table.draw(admin)
with keys:
    people_keys.draw(admin)
with trail:
    people_trail.draw()
