"""The points of a learning curve: real trainings on the strokes of one person, in a database of the test's own."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from digitlab import mnist
from digitlab.curve import points
from digitlab.curve import training as curve_training
from digitlab.curve.forecast import make_forecast
from digitlab.curve.points import Curve, train_sizes
from digitlab.curve.results import SizeResult
from digitlab.learning import networks, presets, training, training_data
from digitlab.storage.datasets import read_dataset
from digitlab.storage.drawings import delete_drawings, read_drawings, relabel_drawings
from digitlab.storage.store import Store
from tests.drawn import draw_batch


def silent(event):
    assert set(event) == {"stage"}


def train(curve, n, stop=lambda: False):
    return curve_training.train_size(curve, n, report=silent, should_stop=stop)


@pytest.fixture(scope="module", autouse=True)
def small_trainings(few_test_digits):
    """A tenth of the work: how much is learnt does not matter here."""
    whole = presets.defaults

    def small(n, network="dense"):
        settings = whole(n, network)
        return replace(settings, hidden_units=(64,), copies=settings.copies // 8, epochs=3)

    curve_training._mnist_test_features.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(presets, "defaults", small)
        yield
    curve_training._mnist_test_features.cache_clear()


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'digitlab.db'}"


@pytest.fixture
def store(url):
    opened = Store(url)
    yield opened
    opened.close()


@pytest.fixture
def draw(store):
    """Draw a batch: `draw("full", "Ana")` returns its id."""
    return partial(draw_batch, store)


def test_sizes_grow_geometrically_to_all_drawings():
    for n in range(1, 3000):
        found = train_sizes(n)
        assert found[-1] == n
        assert len(found) <= points.MAX_SIZES
        assert all(later >= 1.25 * size for size, later in zip(found, found[1:], strict=False))
    assert train_sizes(100) == [10, 16, 25, 40, 63, 100]
    assert train_sizes(0) == []
    assert set(train_sizes(400)[:-1]) >= {10, 25, 100}, "points of a shorter curve serve a longer one"


def test_the_settings_have_a_version_whatever_the_seed(monkeypatch):
    version = points.settings_version(20, "dense")
    assert version == points.settings_version(20, "dense")
    assert len({version, points.settings_version(40, "dense"), points.settings_version(20, "cnn")}) == 3
    before = presets.defaults
    monkeypatch.setattr(presets, "defaults", lambda n, network: replace(before(n, network), epochs=9))
    assert points.settings_version(20, "dense") != version


def test_the_first_drawings_are_trained_on_and_never_again(store, url, draw):
    mine, test = draw("full"), draw("test", rounds=1)
    curve = Curve(url, (mine,), (test,), seeds=1)
    assert train(curve, 10) == 1
    (one,) = points.read_points(store, curve)
    assert (one.n, one.seed, one.digits) == (10, 0, 10)
    assert one.tests["mnist"].n == 1000
    assert one.tests["mnist"].accuracy > 0.3
    assert one.tests["own"].n == 10
    assert one.tests["own"].accuracy > 0.7
    version = store.version()
    assert train(curve, 10) == 0
    assert store.version() == version
    curve = replace(curve, seeds=2)
    assert train(curve, 10) == 1
    assert [point.seed for point in points.read_points(store, curve)] == [0, 1]
    assert points.missing_sizes(points.read_points(store, curve), curve, [10, 16]) == [16]
    # The first ten are the same when more are drawn; not when one of them changes, nor on another test set.
    draw("full")
    assert len(points.read_points(store, replace(curve, batch_ids=(mine, mine + 2)))) == 2
    assert points.read_points(store, replace(curve, test_batch_ids=())) == []
    assert points.read_points(store, curve, max_n=9) == []
    relabel_drawings(store, [read_drawings(store, [mine])[0].id], 5)
    assert points.read_points(store, curve) == []


def test_a_stop_keeps_what_is_done_and_it_goes_on_from_there(store, url, draw):
    curve = Curve(url, (draw("full", rounds=1),), seeds=2)
    assert train(curve, 10, lambda: bool(points.read_points(store, curve))) == 1
    assert [point.seed for point in points.read_points(store, curve)] == [0]
    assert train(curve, 10) == 1
    assert [point.seed for point in points.read_points(store, curve)] == [0, 1]


@pytest.mark.slow
def test_a_point_is_about_what_the_apps_own_training_reaches(url, store, draw):
    """Digits varied once for all seeds, the layers without weights passed once: the same learning."""
    mine = draw("full")
    data = read_dataset(store, (mine,))
    settings = presets.defaults(20)
    trainer = curve_training.Trainer(20, "dense", None)
    trainer.set_digits(data)
    ours = [trainer.train(seed)["mnist"].accuracy for seed in range(2)]
    model = networks.build(settings)
    history = training.train(model, training_data.vary(data, settings), mnist.load_test(), settings)
    theirs = history[-1].val_accuracy
    assert np.mean(ours) == pytest.approx(theirs, abs=0.03)
    assert ours[0] != ours[1]


@pytest.mark.slow
def test_mnists_own_digits_are_others_for_each_seed_and_of_all_labels(url, store):
    one, two = curve_training.sample_mnist(25, 0), curve_training.sample_mnist(25, 1)
    assert np.bincount(one.labels).tolist() == [3] * 5 + [2] * 5
    assert (one.images != two.images).any()
    assert (curve_training.sample_mnist(10, 0).images == one.images[:10]).all()
    curve = Curve(url, seeds=1)
    assert train(curve, 10) == 1
    assert points.read_points(store, curve)[0].tests["mnist"].accuracy > 0.3


def test_a_test_batch_is_never_trained_on(url, draw):
    test = draw("test", rounds=1)
    for curve in (Curve(url, (test,)), Curve(url, (draw("full", rounds=1),), others=(test,))):
        with pytest.raises(ValueError, match="never trained on"):
            train(curve, 10)
    with pytest.raises(ValueError, match="Expected 1 to 10 drawings. Received: 11"):
        train(Curve(url, (draw("full", rounds=1),)), 11)


def test_others_go_on_in_turn_after_all_of_mine(url, store, draw):
    mine, ben, cem = draw("full", rounds=2), draw("full", "Ben", rounds=1), draw("one", "Cem", rounds=1)
    curve = Curve(url, (mine,), others=(ben, cem))
    data = points.load_drawings(store, curve)
    parts = [read_dataset(store, (batch_id,)).images for batch_id in (mine, ben, cem)]
    assert (data.images[:20] == parts[0]).all()
    assert (data.images[20::2] == parts[1]).all()
    assert (data.images[21::2] == parts[2]).all()
    assert data.labels.tolist() == [*range(10), *range(10), *np.repeat(range(10), 2)]
    whole = points.load_drawings(store, curve, strokes=True)
    assert whole.version == data.version
    assert len(whole.strokes) == 40


def test_of_others_there_are_as_many_as_of_mine(url, store, draw):
    """A class draws thousands: what one page shows must not read them all."""
    mine, ben, cem = draw("one", rounds=1), draw("full", "Ben", rounds=3), draw("full", "Cem", rounds=3)
    data = points.load_drawings(store, Curve(url, (mine,), others=(ben, cem)))
    assert data.labels.tolist() == [*range(10), *np.repeat(range(5), 2)]


def test_seconds_count_what_was_drawn_again(store, draw):
    batch_id = draw("one", rounds=1, seconds=3.0)
    assert points.cumulative_seconds(store, (batch_id,)).tolist() == pytest.approx(np.arange(3.0, 31.0, 3.0))
    delete_drawings(store, [read_drawings(store, [batch_id])[1].id])
    seconds = points.cumulative_seconds(store, (batch_id,))
    assert seconds.tolist() == pytest.approx([3.0, *np.arange(9.0, 31.0, 3.0)])
    assert len(points.cumulative_seconds(store, ())) == 0


def test_a_forecast_is_kept_once_and_compared_when_the_drawings_have_come(store, url, draw):
    mine = draw("full", rounds=5)
    curve = Curve(url, (mine,))
    measured = [SizeResult(n, (0.9 - n**-0.5,), 1000) for n in train_sizes(50)]
    forecast = make_forecast(measured[:-1])
    assert forecast.n == 40
    points.keep_forecast(store, curve, "mnist", forecast)
    version = store.version()
    points.keep_forecast(store, curve, "mnist", make_forecast(measured[1:-1]))
    assert store.version() == version
    (backtest,) = points.backtest_kept_forecasts(store, curve, "mnist", measured)
    assert (backtest.made_from, backtest.n) == (40, 50)
    assert abs(backtest.error) < 0.03
    relabel_drawings(store, [read_drawings(store, [mine])[0].id], 5)
    assert points.backtest_kept_forecasts(store, curve, "mnist", measured) == [], "it was about other drawings"
