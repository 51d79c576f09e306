"""Views of small test pictures: made once, kept, averaged."""

import numpy as np
import pytest

from digitlab.learning.networks import build, describe_front
from digitlab.learning.training import read_mean
from digitlab.learning.views import VIEWS, load_views, read_features
from digitlab.mnist import load_test
from digitlab.settings import Settings

IMAGES, LABELS = (array[:30] for array in load_test())
NETWORKS = {
    "dense": Settings(hidden_units=(16,), straighten=True, directions=True),
    "pixels": Settings(hidden_units=(16,)),
    "cnn": Settings(network="cnn", hidden_units=(16,), straighten=True),
}


def files(folder):
    return sorted(path.name for path in folder.iterdir())


def test_views_are_digits_a_little_varied(tmp_path):
    found = load_views(IMAGES, LABELS, tmp_path)
    assert (found.shape, found.dtype) == ((VIEWS, *IMAGES.shape), np.uint8)
    changed = np.abs(found.astype(int) - IMAGES).mean(axis=(2, 3))
    others = np.abs(np.roll(IMAGES, 1, axis=0).astype(int) - IMAGES).mean(axis=(1, 2))
    assert changed.min() > 0
    assert np.median(changed) < np.median(others) / 2
    assert len({view.tobytes() for view in found}) == VIEWS


def test_they_are_made_once_and_kept(tmp_path):
    first = load_views(IMAGES, LABELS, tmp_path / "new")
    (path,) = (tmp_path / "new").iterdir()
    made = path.stat()
    assert (load_views(IMAGES, LABELS, tmp_path / "new") == first).all()
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == (made.st_mtime_ns, made.st_ino)


def test_the_same_views_in_another_place(tmp_path):
    assert (load_views(IMAGES, LABELS, tmp_path / "one") == load_views(IMAGES, LABELS, tmp_path / "two")).all()


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: b"PK\x03\x04 no more",
        lambda content: b"text",
        lambda content: content[:-200],
        lambda content: content[:999] + bytes(99) + content[999 + 99 :],
    ],
    ids=["empty", "begun", "no archive", "cut off", "a hole"],
)
def test_a_damaged_file_is_made_anew(tmp_path, damage):
    whole = load_views(IMAGES, LABELS, tmp_path)
    (path,) = tmp_path.iterdir()
    path.write_bytes(damage(path.read_bytes()))
    assert (load_views(IMAGES, LABELS, tmp_path) == whole).all()
    assert files(tmp_path) == [path.name]


def test_where_no_file_can_be_kept_there_are_views_all_the_same(tmp_path, caplog):
    (tmp_path / "no folder").write_bytes(b"")
    views = load_views(IMAGES, LABELS, tmp_path / "no folder")
    assert (views == load_views(IMAGES, LABELS, tmp_path)).all()
    assert "is not kept" in caplog.text


def test_other_pictures_have_other_views_and_old_files_go(tmp_path):
    for n in (10, 20, 30):
        assert load_views(IMAGES[:n], LABELS[:n], tmp_path).shape[1] == n
    assert len(files(tmp_path)) == 2


@pytest.mark.parametrize("name", ["pixels", *(pytest.param(name, marks=pytest.mark.slow) for name in ("dense", "cnn"))])
def test_what_is_read_is_the_mean_over_the_views(tmp_path, name):
    model = build(NETWORKS[name])
    logits = np.stack([model(view).numpy() for view in load_views(IMAGES, LABELS, tmp_path)])
    exponentials = np.exp(logits - logits.max(axis=2, keepdims=True))
    expected = (exponentials / exponentials.sum(axis=2, keepdims=True)).mean(axis=0)
    read = read_mean(model, read_features(describe_front(model), IMAGES, LABELS, tmp_path, VIEWS))
    assert read == pytest.approx(expected, abs=0.01)  # features are kept as bytes
    assert read.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert len(read_features(describe_front(model), IMAGES, LABELS, tmp_path, 4)) == 4
