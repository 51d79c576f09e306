import numpy as np
import pytest

from digitlab.learning.unlabelled import graph


@pytest.fixture
def points():
    """Two clouds of 30 points, far from each other."""
    rng = np.random.default_rng(0)
    return np.concatenate([rng.integers(0, 60, (30, 8)), rng.integers(190, 250, (30, 8))]).astype(np.uint8)


def test_the_nearest_are_found_nearest_first_and_never_the_picture_itself(points, tmp_path):
    found = graph.find_neighbours(points, tmp_path)
    far = np.linalg.norm(points[:, None].astype(float) / 255 - points / 255, axis=2)
    np.fill_diagonal(far, np.inf)
    expected = np.sort(far, axis=1)[:, : graph.NEIGHBOURS]
    assert found.distances == pytest.approx(expected, abs=1e-4)
    assert (found.places != np.arange(60)[:, None]).all()
    assert ((found.places < 30) == (np.arange(60) < 30)[:, None]).all()


def test_equal_pictures_are_neighbours_of_each_other(tmp_path):
    same = np.zeros((15, 8), np.uint8)
    found = graph.find_neighbours(same, tmp_path)
    assert (found.places != np.arange(15)[:, None]).all()
    joined = graph.join(found)
    assert np.isfinite(joined.data).all()
    assert joined.sum(axis=1) == pytest.approx(np.ones(15))


def test_the_graph_joins_both_ways_and_its_rows_sum_to_one(points, tmp_path):
    joined = graph.join(graph.find_neighbours(points, tmp_path))
    assert joined.dtype == np.float32
    dense = joined.toarray()
    assert dense.sum(axis=1) == pytest.approx(np.ones(60), abs=1e-5)
    assert ((dense > 0) == (dense > 0).T).all()
    assert (dense >= 0).all()
    assert not dense[:30, 30:].any()


def test_what_was_found_is_kept_for_the_same_pictures_alone(points, tmp_path, monkeypatch):
    found = graph.find_neighbours(points, tmp_path)
    (file,) = tmp_path.iterdir()
    with monkeypatch.context() as patch:
        patch.setattr(graph, "_search", None)  # not searched again
        again = graph.find_neighbours(points, tmp_path)
    assert (again.places == found.places).all()
    assert (again.distances == found.distances).all()
    graph.find_neighbours(255 - points, tmp_path)
    assert len(list(tmp_path.iterdir())) == 2
    assert file.exists()


@pytest.mark.parametrize("content", [b"", b"PK\3\4 half a file", b"no archive at all"])
def test_a_damaged_file_is_made_anew(points, tmp_path, content):
    found = graph.find_neighbours(points, tmp_path)
    (file,) = tmp_path.iterdir()
    file.write_bytes(content)
    assert (graph.find_neighbours(points, tmp_path).places == found.places).all()
    assert file.read_bytes() != content
    assert len(list(tmp_path.iterdir())) == 1


def test_where_no_file_can_be_kept_they_are_found_all_the_same(points, tmp_path, caplog):
    (tmp_path / "no folder").write_bytes(b"")
    found = graph.find_neighbours(points, tmp_path / "no folder")
    assert (found.places == graph.find_neighbours(points, tmp_path).places).all()
    assert "is not kept" in caplog.text


def test_a_stop_leaves_no_file(points, tmp_path):
    assert graph.find_neighbours(points, tmp_path / "new", lambda share: True) is None
    assert not (tmp_path / "new").exists()
