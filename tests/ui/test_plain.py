import pytest

from digitlab.ui.plain import in_plain


@pytest.mark.parametrize("text", ["Ana", "Ana-Lena O'Neil", "3.5", "-", "ענת", "a b", "7"])
def test_ordinary_text_reads_as_it_is(text):
    shown = in_plain(text)
    assert "".join(each for each in shown if each not in "\\\u2068\u2069") == text


@pytest.mark.parametrize("text", ["**b**", "<b>x</b>", "[a](http://b)", "![a](b)", "`x`", "$x$", "~~x~~", "# x", "&"])
def test_each_mark_is_escaped(text):
    shown = in_plain(text)
    assert all(shown[place - 1] == "\\" for place, each in enumerate(shown) if each in "*<>[]`$~#&!")


def test_a_sign_of_streamlit_is_no_sign():
    assert ":material/home:" not in in_plain(":material/home:")
    assert ":smile:" not in in_plain(":smile:")


def test_lists_and_lines_are_none():
    shown = [in_plain(text) for text in ("- x", "1. x", "===", "---", "a\n\n# b")]
    assert shown == ["\\- x", "1\\. x", "\\===", "\\---", "a \\# b"]


def test_a_number_is_left_as_it_is():
    assert [in_plain(text) for text in ("-1", "0.95", "1.")] == ["-1", "0.95", "1\\."]
