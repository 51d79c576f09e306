"""Text of people on a page: shown as it is, never as Markdown or HTML."""

import re
import unicodedata

_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~$&!])")  # what Markdown takes for marks
_FIRST = re.compile(r"^(\d*)([-+.)](?=\s|$)|[-=]+$)")  # lists, and lines below a heading
_NOT_A_SIGN = "\N{WORD JOINER}"  # behind a colon: Streamlit looks for icons such as :x: also where marks are escaped
_ISOLATE, _END = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"


def in_plain(text: str) -> str:
    r"""Return a text so that Markdown shows it letter by letter, on one line.

    What is written from right to left stays in its place in the sentence.

    Example:
        >>> print(in_plain("*Ana*"))
        \*Ana\*
    """
    shown = _FIRST.sub(r"\1\\\2", _MARKS.sub(r"\\\1", " ".join(text.split()))).replace(":", f":{_NOT_A_SIGN}")
    turned = any(unicodedata.bidirectional(each) in ("R", "AL") for each in text)
    return f"{_ISOLATE}{shown}{_END}" if turned else shown
