"""Names that people give: to themselves and to runs."""

import re
import unicodedata
from collections.abc import Mapping

DEMO_WRITER = "DigitLab's demo"  # the writer of `storage.demo`; nobody else may take this name
DEMO_MARK = "Demo: "  # before the names of its runs

_NEVER = {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}  # control characters, halves of characters, line ends
_LONGEST_OF_WRITER = 80
_TURNS = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # would turn the text around them too


def check_name(name: str, longest: int, what: str = "a name") -> str:
    """Return a name as it is kept: composed letters, no space around it.

    Args:
        name: Given by a person.
        longest: Characters it may have.
        what: Is named, for the error.

    Raises:
        ValueError: If it is empty, too long or holds characters that cannot be shown.

    Example:
        >>> check_name(" Ana ", 80)
        'Ana'
    """
    name = unicodedata.normalize("NFC", name).strip()
    if not 1 <= len(name) <= longest:
        raise ValueError(f"Expected {what} of 1 to {longest} characters. Received: {len(name)} characters.")
    odd = [each for each in name if unicodedata.category(each) in _NEVER or each in _TURNS]
    if odd:
        raise ValueError(f"Expected {what} of letters, digits and signs. Received: the character U+{ord(odd[0]):04X}.")
    return name


def check_writer_name(name: str) -> str:
    """Return the name of a person who draws, as it is kept.

    Raises:
        ValueError: As `check_name`, and if it is the name of the demo experiment.

    Example:
        >>> check_writer_name(" Ana ")
        'Ana'
    """
    name = check_name(name, _LONGEST_OF_WRITER, "a writer's name")
    if name.casefold() == DEMO_WRITER.casefold():
        raise ValueError("Expected a name of your own. Received: that of the demo experiment. Choose another one.")
    return name


def check_written_name(name: str) -> str:
    """Return the name of a writer as a file tells it: it may be the demo's, whose drawings come back under it.

    Raises:
        ValueError: As `check_writer_name`.
    """
    return name if name == DEMO_WRITER else check_writer_name(name)


def replace_names(text: str, names: Mapping[str, str]) -> str:
    """Replace names in a text where they stand as words of their own.

    Example:
        >>> replace_names("40 drawings by Ana and Anabel", {"Ana": "writer 7"})
        '40 drawings by writer 7 and Anabel'
    """
    if not names:
        return text
    longest_first = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    return re.sub(rf"(?<!\w)({longest_first})(?!\w)", lambda found: names[found[1]], text)
