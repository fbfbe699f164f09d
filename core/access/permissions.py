"""Who may do what, in one table, asked of the database at the moment of the deed.

A page that is open, a click that was on its way and a fragment that draws itself again all carry
an account as it once was. What counts is what it is now, so each deed asks in its own transaction:

    with store.write() as session:
        require(session, by, Action.DEPLOY)
        ...
"""

from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.access.rows import COMMAND_LINE, Actor, Role, name_of
from core.errors import NotAllowedError
from core.records import audit
from core.records.store import Store
from core.records.tables import AccountRow

EVERYBODY = frozenset(Role)
TRAINERS = frozenset({Role.SCIENTIST, Role.ADMIN})
SIGNERS = frozenset({Role.CLINICIAN, Role.ADMIN})
ADMINS = frozenset({Role.ADMIN})


class Action(StrEnum):
    """What may be done; the codes stand in messages and tests."""

    LABEL = "label"
    MARK_LABELS = "label mark"
    EXPORT = "export"
    EVALUATE = "evaluation"
    DOWNLOAD = "data download"
    START_RUN = "run start"
    RESUME_RUN = "run resume"
    STOP_RUN = "run stop"
    DELETE_RUN = "run deletion"
    MAKE_BUNDLE = "model making"
    MAKE_PROFILE = "laboratory profile making"
    USE_PROFILE = "laboratory profile use"
    DEPLOY = "deployment"
    CHANGE_OWN_PASSWORD = "own password change"  # noqa: S105  a deed, not a secret
    MANAGE_PEOPLE = "people management"
    MANAGE_KEYS = "API key management"
    DELETE_IMAGE = "image deletion"
    OPEN_CASE = "case opening"
    READ_CASE = "case reading"
    SIGN_CASE = "case signing"
    AMEND_CASE = "case amendment"

    @property
    def code(self) -> str:
        """What the audit trail's codes of it begin with."""
        return self.value.lower().replace(" ", "_")


MAY: dict[Action, frozenset[Role]] = {
    Action.LABEL: EVERYBODY,
    Action.MARK_LABELS: EVERYBODY,
    Action.EXPORT: EVERYBODY,  # of what they see: the history's rule decides that
    Action.EVALUATE: EVERYBODY,
    Action.DOWNLOAD: EVERYBODY,
    Action.START_RUN: TRAINERS,
    Action.RESUME_RUN: TRAINERS,
    Action.STOP_RUN: TRAINERS,
    Action.DELETE_RUN: TRAINERS,
    Action.MAKE_BUNDLE: TRAINERS,  # by a run, or by fitting one to a laboratory
    Action.MAKE_PROFILE: TRAINERS,
    Action.USE_PROFILE: TRAINERS,
    Action.DEPLOY: ADMINS,
    Action.CHANGE_OWN_PASSWORD: EVERYBODY,
    Action.MANAGE_PEOPLE: ADMINS,
    Action.MANAGE_KEYS: ADMINS,
    Action.DELETE_IMAGE: ADMINS,  # not whoever asked: others may have predictions of it, too
    Action.OPEN_CASE: EVERYBODY,
    Action.READ_CASE: EVERYBODY,
    Action.SIGN_CASE: SIGNERS,
    Action.AMEND_CASE: SIGNERS,
}


def may(role: Role, action: Action) -> bool:
    """Whether a role may do it: what a page offers. What holds is ``require``."""
    return role in MAY[action]


def require(at: Session | Store, by: Actor, action: Action) -> None:
    """Returns if ``by`` may do it now; whoever has the command line may do everything.

    Args:
        at: the transaction of the deed; the store where the deed writes no row.

    Raises:
        NotAllowedError: the account is disabled, its session has ended, or its role does not
            allow this; says which.
    """
    if by == COMMAND_LINE:
        return
    if isinstance(at, Store):
        with at.read() as session:
            require(session, by, action)
        return
    # Held for reading, so that nobody is disabled between the question and the deed.
    query = select(AccountRow).where(AccountRow.id == by.id).with_for_update(read=True)
    row = at.scalar(query)
    if row is None or row.disabled:
        raise NotAllowedError("Your account is disabled. Ask an admin to enable it.")
    if row.session_number != by.session_number:
        raise NotAllowedError("Your session has ended. Sign in again.")
    if Role(row.role) not in MAY[action]:
        allowed = " or ".join(role for role in Role if role in MAY[action])
        raise NotAllowedError(
            f"Your role does not allow this ({action}). Ask somebody who is {allowed}."
        )


def ask(
    store: Store,
    by: Actor,
    action: Action,
    subject: str = "",
    details: dict[str, Any] | None = None,
    entry: str = "",
) -> None:
    """Asks, and notes it in the audit trail, before a deed that is not the database's own.

    Args:
        entry: the trail's code of what was done; by default, that the action was asked for.

    Raises:
        NotAllowedError: ``by`` may not; nothing is noted.
        RecordError: the database cannot be written.
    """
    with store.write() as session:
        require(session, by, action)
        audit.add(session, name_of(by), entry or f"{action.code}_requested", subject, details)
