"""The learning curve in a real browser: from drawings of a person to the forecast, the last size by real trainings."""

import pytest
from playwright.sync_api import expect

from digitlab.curve import points as curve_points
from digitlab.curve.points import Curve
from digitlab.storage.runs import read_runs
from tests.browser.waiting import idle
from tests.curve_points import put_points
from tests.drawn import draw_batch

pytestmark = pytest.mark.slow  # a dozen trainings

CURVE = 300_000  # milliseconds; a busy machine


def test_from_drawings_to_the_forecast(visit, app_url, store):
    mine = draw_batch(store, "full", rounds=4, seconds=2.5)
    test = draw_batch(store, "test", rounds=2)
    put_points(store, lambda n: 0.5 + n / 1000, below=40)
    page = visit(f"{app_url}/compare?compare_tab=Learning+curve")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("of 32 trainings")).to_be_visible()
    # The points appear while it runs, the forecast when the own ones are there; then the reference goes on.
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    expect(page.locator("[aria-roledescription=point]").first).to_be_visible(timeout=CURVE)
    expect(page.get_by_text("40 drawings in 1 min 40 s read")).to_be_visible(timeout=CURVE)
    expect(page.get_by_text("Tried on what is known")).to_be_visible()
    expect(page.get_by_role("button", name="Stop")).to_have_count(0, timeout=CURVE)
    expect(page.get_by_role("button", name="Go on")).to_have_count(0)

    points = curve_points.read_points(store, Curve(store.place, (mine,), (test,)))
    assert [(n, sum(point.n == n for point in points)) for n in (10, 16, 25, 40)] == [
        (10, 5),
        (16, 5),
        (25, 5),
        (40, 5),
    ]
    best = sum(point.tests["mnist"].accuracy for point in points[-5:]) / 5
    assert best > 0.3
    expect(page.get_by_text(f"read {100 * best:.0f} % of MNIST")).to_be_visible()
    expect(page.get_by_text("four times in five ")).to_be_visible()
    expect(page.get_by_text("The forecast goes by the curves of")).to_be_visible()
    for whose in ("your drawings", "MNIST's own digits"):
        expect(page.locator(f'[aria-roledescription=point][aria-label*="{whose}"]')).to_have_count(4)

    idle(page)
    page.get_by_text("Own test digits", exact=True).click()
    expect(page.get_by_text("With 20 test digits, 90 % read right")).to_be_visible(timeout=CURVE)
    idle(page)
    tables = page.locator("[data-testid=stDataFrame]:visible")
    shown = tables.count()
    page.get_by_role("tab", name="Table", exact=True).click()
    expect(tables).to_have_count(shown + 1)
    assert read_runs(store) == [], "a point of a curve is no run"
