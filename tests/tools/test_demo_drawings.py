from digitlab.drawing import demo
from digitlab.drawing.strokes import check_size
from digitlab.tools import demo_drawings


def test_the_file_is_what_the_program_makes():
    made, kept = demo_drawings.make(), demo.read()
    assert len(made) == len(kept) == 30
    for one, other in zip(made, kept, strict=True):
        assert (one.sitting, one.label, one.seconds) == (other.sitting, other.label, other.seconds)
        assert [stroke.tolist() for stroke in one.strokes] == [stroke.tolist() for stroke in other.strokes]


def test_three_of_each_digit_in_human_time_and_all_on_the_canvas():
    drawings = demo.read()
    assert sorted((each.label, each.sitting) for each in drawings) == [(n, s) for n in range(10) for s in range(3)]
    for each in drawings:
        moments = [moment for stroke in each.strokes for moment in stroke[:, 2]]
        assert moments == sorted(moments)
        assert 0.2 < moments[-1] / 1000 < each.seconds < 4
        assert all(((stroke[:, :2] > 0) & (stroke[:, :2] < demo.CANVAS_SIZE)).all() for stroke in each.strokes)
        check_size(list(each.strokes), demo.CANVAS_SIZE)


def test_no_two_are_alike_and_a_bend_is_slower_than_a_straight_way():
    seven = next(each for each in demo.read() if each.label == 7).strokes[0]
    ways = ((seven[1:, :2] - seven[:-1, :2]) ** 2).sum(axis=1) ** 0.5
    corner = seven[:, 0].argmax()
    assert ways[max(corner - 1, 0) : corner + 1].max() < 0.7 * ways.max()
    shapes = {tuple(map(tuple, each.strokes[0].tolist())) for each in demo.read()}
    assert len(shapes) == 30
