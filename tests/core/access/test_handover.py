"""A ticket is good once and soon; a session goes on only with its own token."""

from core.access.handover import TICKET_S, Owners, Tickets
from tests.threads import at_once


def test_a_ticket_is_taken_once() -> None:
    tickets = Tickets()
    ticket = tickets.give("token")
    assert tickets.take("another") is None
    assert tickets.take(ticket) == "token"
    assert tickets.take(ticket) is None


def test_of_many_who_take_it_at_once_one_gets_it() -> None:
    tickets = Tickets()
    ticket = tickets.give("token")
    assert sorted(map(str, at_once(8, lambda _: tickets.take(ticket)))) == ["None"] * 7 + ["token"]


def test_a_ticket_ends_by_itself() -> None:
    now = [0.0]
    tickets = Tickets(lambda: now[0])
    ticket = tickets.give("token")
    now[0] = TICKET_S
    assert tickets.take(ticket) is None


def test_a_session_goes_on_with_its_token_alone() -> None:
    owners = Owners()
    assert owners.may_go_on("s", None)  # nobody signed in there
    owners.note("s", "token")
    assert owners.may_go_on("s", "token")
    assert not owners.may_go_on("s", None)
    assert not owners.may_go_on("s", "another")
    owners.note("s", None)
    assert owners.may_go_on("s", None)
