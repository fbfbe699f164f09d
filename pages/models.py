"""Models: the one in use, every other, and what was in use when."""

from core.access.accounts import Role
from pages.components.models import change, past, shelf, standing
from pages.components.shell import guard, layout

account = guard.require(Role.SCIENTIST, Role.ADMIN)
layout.page("Models", "The model in use, every other, and what was in use when.")
change.outcome()
standing.draw(account)
shelf.draw(account)
past.draw()
