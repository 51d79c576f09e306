import numpy as np

from digitlab.digits import data_version
from digitlab.drawing.strokes import strokes_to_digit
from digitlab.learning.training_data import VALIDATION_SIZE, mix_in_mnist, read_own_test_set, take_share, vary
from digitlab.mnist import load_train
from digitlab.settings import Settings
from digitlab.storage.batches import start_batch
from digitlab.storage.datasets import Dataset, read_dataset
from digitlab.storage.writers import add_writer
from tests.helpers import human_strokes


def test_the_share_is_chosen_by_the_seed():
    images, labels = (array[:1000] for array in load_train())
    half = take_share(images, labels, Settings(train_share=0.5, seed=1))
    assert [len(part) for part in half] == [500, 500]
    again, other = (take_share(images, labels, Settings(train_share=0.5, seed=seed)) for seed in (1, 2))
    assert data_version(*again) == data_version(*half) != data_version(*other)
    whole = {(image.tobytes(), label) for image, label in zip(images, labels, strict=True)}
    assert {(image.tobytes(), label) for image, label in zip(*half, strict=True)} < whole
    assert len({image.tobytes() for image in half[0]}) == 500
    assert take_share(images, labels, Settings())[0] is images
    assert len(take_share(images[:3], labels[:3], Settings(train_share=0.01))[0]) == 1


def test_mnist_joins_in_by_its_share_and_never_with_its_validation_digits():
    images, labels = np.zeros((30, 28, 28), np.uint8), np.zeros(30, np.int64)
    x_train, y_train = load_train()
    x_train = np.arange(len(y_train), dtype=np.uint32).view(np.uint8).reshape(-1, 4)  # each shows its own place
    x_train = np.pad(x_train[:, :, None], ((0, 0), (0, 24), (0, 27)))
    joined, of_joined = mix_in_mnist(images, labels, x_train, y_train, Settings(mnist_share=0.4))
    assert len(joined) == len(of_joined) == 50
    places = joined[30:, :4, 0].copy().view(np.uint32).ravel()
    assert len(set(places)) == 20
    assert places.max() < len(y_train) - VALIDATION_SIZE
    assert (of_joined[30:] == y_train[places]).all()
    few = mix_in_mnist(images, labels, x_train[:5010], y_train[:5010], Settings(mnist_share=0.9))
    assert len(few[0]) == 40, "all there are"


def test_pictures_among_drawings_are_varied_by_their_pixels():
    drawn = [[np.array(stroke, float) for stroke in strokes] for strokes in human_strokes().values()]
    images, labels = np.stack([strokes_to_digit(strokes) for strokes in drawn]), np.arange(10)
    settings = Settings(copies=3, variation=0.2, forms=True)
    strokes_only = vary(Dataset(images, labels, 0.0, "", drawn), settings)[0]
    mixed, of_mixed = vary(Dataset(images, labels, 0.0, "", [*drawn[:8], [], []]), settings)
    assert mixed.shape == strokes_only.shape == (30, 28, 28)
    assert of_mixed.tolist() == [*range(10)] * 3
    copies = mixed.reshape(3, 10, 28, 28)
    assert (np.abs(copies.astype(int) - images).mean(axis=(0, 2, 3)) > 1).all(), "all are varied"
    off = np.abs(copies[:, 8, None].astype(int) - images).mean(axis=(2, 3))
    assert (off.argmin(axis=1) == 8).all(), "each in its own place"
    assert vary(Dataset(images, labels, 0.0, "", [[]] * 10), settings)[0].shape == (30, 28, 28)


def test_an_own_test_set_is_of_test_batches_with_drawings_alone(lab, batches):
    empty = start_batch(lab, add_writer(lab, "Ana"), "test", [1], 0)
    for ids in ((), (empty,), (99,), (batches["full"],)):
        assert read_own_test_set(lab, ids) is None
    own = read_own_test_set(lab, (batches["full"], empty, batches["test"]))
    assert own.version == read_dataset(lab, [batches["test"]]).version
