"""Set up a laboratory: a profile from unlabelled cells, its effect before it is used, undone."""

from core.access.accounts import Role
from pages.components import guard, laboratory_adapt, laboratory_profile, laboratory_use, layout

account = guard.require(Role.SCIENTIST, Role.ADMIN)
layout.page(
    "Set up a laboratory",
    "Every laboratory's pictures look a little different. Show some of yours, once.",
)
laboratory_use.draw(account)
laboratory_profile.draw(account)
laboratory_adapt.draw(account)
