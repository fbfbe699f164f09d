"""The people page: adding somebody, the table, the audit trail."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from core.access import accounts, api_keys
from core.access.accounts import Account, Role
from core.records.store import Store

OpenPage = Callable[[str, Role], AppTest]
GetAccount = Callable[[Role], Account]


def test_the_table_lists_everybody(open_page: OpenPage, account: GetAccount) -> None:
    account(Role.CLINICIAN)
    app = open_page("pages/people.py", Role.ADMIN)
    assert list(app.dataframe[0].value["User name"]) == ["admin", "clinician"]


def test_the_trail_is_filtered_by_person(
    open_page: OpenPage, store: Store, account: GetAccount
) -> None:
    account(Role.CLINICIAN)
    accounts.disable(store, "clinician", account(Role.ADMIN))
    app = open_page("pages/people.py", Role.ADMIN)
    assert len(app.dataframe[1].value) == 3
    next(s for s in app.selectbox if s.label == "Who did it").select("admin").run()
    assert list(app.dataframe[1].value["What"]) == ["Account disabled"]


def test_the_trail_tells_details_in_words(
    open_page: OpenPage, store: Store, account: GetAccount
) -> None:
    account(Role.CLINICIAN)
    accounts.set_role(store, "clinician", Role.SCIENTIST, account(Role.ADMIN))
    trail = open_page("pages/people.py", Role.ADMIN).dataframe[1].value
    assert "from: clinician; to: scientist" in list(trail["Details"])


def test_keys_are_listed_without_their_secrets(
    open_page: OpenPage, store: Store, account: GetAccount
) -> None:
    account(Role.CLINICIAN)
    assert any("No keys yet" in i.value for i in open_page("pages/people.py", Role.ADMIN).info)
    key, secret = api_keys.make(
        store, "clinician", "ward system", Role.CLINICIAN, account(Role.ADMIN)
    )
    table = open_page("pages/people.py", Role.ADMIN).dataframe[1].value
    assert list(table["For"]) == ["ward system"]
    assert list(table["Key"]) == [f"{key.hint}…"]
    assert secret not in table.to_string()
