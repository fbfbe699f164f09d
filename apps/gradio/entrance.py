"""Signing in and out: the accounts, the lock-out and the sessions of the dashboard.

Gradio's own form would tell neither the lock-out nor the brake, and its sessions never end.
"""

import asyncio
from collections.abc import Mapping
from functools import partial
from html import escape
from pathlib import Path
from string import Template

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from apps.gate.origins import came_by_tls
from apps.gradio import card
from apps.gradio.desk import Desk
from core.access import accounts, sessions, signin
from core.access.accounts import Account
from core.errors import AccessError
from core.taxonomy import RESEARCH_USE

COOKIE = "blood_cells_gradio"
_FORM = Template(Path(__file__).with_name("sign_in.html").read_text(encoding="utf-8"))


def routes(desk: Desk) -> list[Route]:
    """The form, and what it sends."""
    return [
        Route("/login", _form, methods=["GET"]),
        Route("/login", partial(_sign_in, desk), methods=["POST"]),
        Route("/logout", partial(_sign_out, desk), methods=["POST"]),
    ]


def visitor(desk: Desk, cookies: Mapping[str, str], *, arrives: bool) -> Account | None:
    """Whom the cookies speak for, read from the database now; the dashboard's will do too.

    Args:
        arrives: the page is being opened, which a locked account may not; an open one goes on.
    """
    find = sessions.resume if arrives else sessions.account_of
    tokens = [cookies[name] for name in (COOKIE, sessions.COOKIE) if cookies.get(name)]
    found = (find(desk.store, token, desk.settings) for token in tokens)
    return next((account for account in found if account), None)


async def _form(_: Request) -> Response:
    return _drawn()


async def _sign_in(desk: Desk, request: Request) -> Response:
    sent = await request.form()
    name, password = str(sent.get("username", "")), str(sent.get("password", ""))
    address = request.client.host if request.client else "this machine"
    try:
        token = await asyncio.to_thread(_token, desk, address, name, password)
    except AccessError as error:
        return _drawn(str(error), name, status=403)
    response = RedirectResponse(_root(request), 303)
    response.set_cookie(
        COOKIE,
        token,
        path=_root(request),
        httponly=True,
        samesite="strict",
        secure=came_by_tls(request),
    )
    return response


async def _sign_out(desk: Desk, request: Request) -> Response:
    account = await asyncio.to_thread(visitor, desk, request.cookies, arrives=False)
    if account:
        await asyncio.to_thread(accounts.sign_out, desk.store, account)
    response = RedirectResponse(_root(request) + "login", 303)
    response.delete_cookie(COOKIE, path=_root(request))
    return response


def _token(desk: Desk, address: str, username: str, password: str) -> str:
    desk.throttle.attempt(address)
    account = signin.sign_in(desk.store, username, password, desk.settings)
    return sessions.issue(account, desk.settings)


def _drawn(refusal: str = "", username: str = "", status: int = 200) -> HTMLResponse:
    told = f'<p role="alert">{escape(refusal)}</p>' if refusal else ""
    page = _FORM.substitute(
        icon=card.icon(), refusal=told, username=escape(username), research_use=RESEARCH_USE
    )
    return HTMLResponse(page, status)


def _root(request: Request) -> str:
    """The address of the page, wherever it is mounted."""
    root: str = request.scope.get("root_path", "")
    return f"{root}/"
