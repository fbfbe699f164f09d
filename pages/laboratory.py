"""Set up a laboratory: a profile from unlabelled cells, its effect before it is used, undone."""

from core.access.accounts import Role
from pages.components.laboratory import adapt, profile, use
from pages.components.shell import guard, layout

account = guard.require(Role.SCIENTIST, Role.ADMIN)
layout.page(
    "Set up a laboratory",
    "Every laboratory's images look a little different. Show some of yours, once.",
)
use.draw(account)
profile.draw(account)
adapt.draw(account)
