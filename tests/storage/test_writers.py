import pytest

from digitlab.storage.writers import add_writer, read_writers


def test_the_same_name_is_the_same_writer(store):
    ana = add_writer(store, "Ana")
    assert add_writer(store, "  Ana ") == ana
    bo = add_writer(store, "Bo")
    assert read_writers(store) == {ana: "Ana", bo: "Bo"}
    assert list(read_writers(store).values()) == ["Ana", "Bo"]
    assert add_writer(store, "Ünï😀" + 76 * "x") in read_writers(store)


@pytest.mark.parametrize("name", ["", "   ", 81 * "x"])
def test_names_that_are_refused(store, name):
    with pytest.raises(ValueError, match=f"1 to 80 characters. Received: {len(name.strip())} characters"):
        add_writer(store, name)
    assert store.version() == 0
