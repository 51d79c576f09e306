"""Logging in at a provider: a stand-in on this machine, everything else is real."""

import os
import re
import socket

import pytest
from playwright.sync_api import expect

from digitlab.storage.store import Store
from digitlab.storage.writers import read_writers
from tests.browser.controls import go, join, menu_link
from tests.browser.drawing import quick_digits, same_strokes
from tests.browser.page_objects import DrawingDesk
from tests.browser.server import check_log, database_in, end_server, start_server
from tests.browser.stored import drawings_of
from tests.browser.waiting import idle, until

pytestmark = pytest.mark.slow  # a server and a provider of their own, and ten ways to them and back

COOKIE_SECRET = "what-the-cookies-are-signed-with"
ANA = {"sub": "account-17", "email": "ana@school.example", "email_verified": True, "name": "Ana Secretname"}
LEE = {"sub": "account-1", "email": "lee@school.example", "email_verified": True}
EVE = {"sub": "account-66", "email": "eve@evil.example", "email_verified": True}


@pytest.fixture
def provider():
    try:
        import authlib  # noqa: F401
    except ImportError:
        reason = "no Authlib on this machine: pip install -r requirements-login.txt"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    from tests.browser.provider import Provider

    one = Provider()
    yield one
    one.close()


@pytest.fixture
def server(provider, tmp_path):
    """The app with a login, set up as the README says."""
    from tests.browser.provider import CLIENT, SECRET

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit/secrets.toml").write_text(
        f'[auth]\nredirect_uri = "http://127.0.0.1:{port}/oauth2callback"\ncookie_secret = "{COOKIE_SECRET}"\n'
        f'client_id = "{CLIENT}"\nclient_secret = "{SECRET}"\n'
        f'server_metadata_url = "{provider.issuer}/.well-known/openid-configuration"\n'
    )
    named = {"DIGITLAB_TEACHERS": "lee@school.example", "DIGITLAB_PUPILS": "@school.example"}
    one = start_server("app.py", tmp_path, port, **named)
    yield one
    end_server(one)


@pytest.fixture
def page(browser, browser_context_args):
    context = browser.new_context(**browser_context_args)
    yield context.new_page()
    context.close()


def there_and_back(page, button):
    """Click, and wait until the provider has sent the browser back to the first page."""
    with page.expect_navigation(url=re.compile(r":\d+/$")):
        page.get_by_role("button", name=button).click()
    idle(page)


def log_in(page, provider, account):
    provider.account = account
    there_and_back(page, "Log in")


def log_out(page):
    there_and_back(page, "Log out")
    expect(page.get_by_role("button", name="Log in", exact=True)).to_be_visible()


def test_one_logs_in_draws_logs_out_and_comes_back(provider, server, page):
    store = Store(database_in(server.folder))
    digits = quick_digits(1)
    page.goto(f"{server.url}/")
    expect(page.get_by_role("button", name="Log in", exact=True)).to_be_visible()
    expect(page.get_by_label("Code of the class")).to_have_count(0)

    refused_logins_change_nothing(provider, server, page, store)

    log_in(page, provider, ANA)
    join(page, "Ana")
    expect(page.get_by_text("You are Ana.")).to_be_visible()
    go(page, "Draw one")
    desk = DrawingDesk(page)
    desk.answer(0, *digits[0])
    desk.expect_prompt(1)

    (drawing,) = drawings_of(store, "Ana", 1)
    assert same_strokes(drawing.strokes, digits[0])

    log_out(page)
    assert "/logout" in provider.asked, "of the provider too"
    page.goto(f"{server.url}/draw_one")
    expect(page.get_by_role("button", name="Log in", exact=True)).to_be_visible()
    idle(page)
    expect(page.locator("canvas")).to_have_count(0)

    log_in(page, provider, LEE)
    join(page, "Lee")
    expect(menu_link(page, "Class")).to_be_visible()
    log_out(page)
    expect(menu_link(page, "Class")).to_have_count(0)

    log_in(page, provider, ANA)
    expect(page.get_by_text("You are Ana.")).to_be_visible()
    go(page, "Draw one")
    DrawingDesk(page).expect_prompt(1)
    assert sorted(read_writers(store).values()) == ["Ana", "Lee"]

    said = server.log()
    check_log(server)
    secret = ["the-secret-of-this-client", COOKIE_SECRET, "account-", "@school", "@evil", "Secretname", "eyJ"]
    assert [word for word in secret if word in said] == []

    log_out(page)
    a_forged_login_changes_nothing(provider, server, page, store)
    store.close()


def refused_logins_change_nothing(provider, server, page, store):
    before = store.version()
    log_in(page, provider, None)
    expect(page.get_by_role("button", name="Log in", exact=True)).to_be_visible()
    log_in(page, provider, EVE)
    expect(page.get_by_text("not one of this class")).to_be_visible()
    page.goto(f"{server.url}/draw_one")
    idle(page)
    expect(page.get_by_text("not one of this class")).to_be_visible()
    expect(page.locator("canvas")).to_have_count(0)
    expect(page.get_by_role("button", name="Join", exact=True)).to_have_count(0)
    log_out(page)
    assert store.version() == before


def a_forged_login_changes_nothing(provider, server, page, store):
    """The log tells of it at length, but of no secret."""
    before, provider.forged = store.version(), True
    log_in(page, provider, LEE)
    expect(page.get_by_role("button", name="Log in", exact=True)).to_be_visible()
    expect(menu_link(page, "Class")).to_have_count(0)
    assert store.version() == before
    until(lambda: "token exchange failed" in server.log(), server.log)
    assert not [word for word in ("the-secret-of", COOKIE_SECRET, "account-", "@school") if word in server.log()]
