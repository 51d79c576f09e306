"""The data card: a README.md that says what is in a file of digits, how it came to be, and what one may do with it."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from digitlab.digits import NUM_CLASSES
from digitlab.storage.digit_chunks import SPLITS, DigitSource

# Short name (as Hugging Face knows it), title and address.
LICENCES = {
    "cc-by-4.0": ("CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/"),
    "cc0-1.0": ("CC0 1.0 (no rights reserved)", "https://creativecommons.org/publicdomain/zero/1.0/"),
    "cc-by-sa-4.0": ("CC BY-SA 4.0", "https://creativecommons.org/licenses/by-sa/4.0/"),
    "cc-by-nc-4.0": ("CC BY-NC 4.0", "https://creativecommons.org/licenses/by-nc/4.0/"),
    "other": ("none given: ask who drew them", ""),
}
DEFAULT_LICENCE = "cc-by-4.0"


@dataclass(frozen=True)
class About:
    """What a card tells besides the digits themselves.

    Attributes:
        title: What the set is called.
        how_to_read: A snippet for whoever opens the file.
        counts: Of each split, `train` and `test`, how many digits of each label.
        writers: Name of each digit's writer.
        seconds: Active human seconds of all.
        imported: Digits that came from a file.
        left_out: Digits that the format cannot hold.
        licence: A key of `LICENCES`.
        version: As `digits_hash` returns it.
    """

    title: str
    how_to_read: str
    counts: Sequence[Sequence[int]]
    writers: Sequence[str]
    seconds: float
    imported: int
    left_out: int
    licence: str
    version: str


def digits_hash(source: DigitSource) -> str:
    """Return the sha256 of all images and labels: equal digits in equal order, equal hash, whatever the format."""
    digest = hashlib.sha256()
    for split in SPLITS:
        for chunk in source.read(split, False):
            digest.update(chunk.images.tobytes())
            digest.update(chunk.labels.astype("u1").tobytes())
    return digest.hexdigest()


def write_card(about: About) -> str:
    """Return the card as Markdown, with the lines at its head that Hugging Face reads.

    Raises:
        ValueError: If the licence is not a known one.
    """
    if about.licence not in LICENCES:
        raise ValueError(f"Expected a licence among {', '.join(LICENCES)}. Received: {about.licence!r:.40}.")
    title, address = LICENCES[about.licence]
    imported = f" {about.imported:,} of them were not drawn here but came from a file." if about.imported else ""
    left_out = f" {about.left_out:,} digits without strokes are left out." if about.left_out else ""
    rows = [_row(split, counts) for split, counts in zip(SPLITS, about.counts, strict=True)]
    head = f"| split | {' | '.join(map(str, range(NUM_CLASSES)))} | all |"
    hours = about.seconds / 3600
    parts = [
        f"---\nlicense: {about.licence}\ntask_categories:\n- image-classification\n---\n\n# {plain(about.title)}",
        f"{sum(map(sum, about.counts)):,} handwritten digits.{imported}{left_out} `train` is to train on; `test` was "
        "drawn to test with and is never trained on.",
        "\n".join([head, f"|{'---|' * (NUM_CLASSES + 2)}", *rows]),
        f"**Writers.** {_writers(about.writers)}",
        f"**Work.** {hours:.2f} hours ({about.seconds:,.0f} s) of thinking, drawing and pauses, without breaks.",
        "**How they were made.** Each image has 28x28 pixels, 0 blank to 255 full ink, light on dark. What was drawn "
        "here was kept as strokes, rendered at the width of MNIST's pen, scaled so that its longer side is 20 pixels, "
        "and placed so that its centre of mass is in the middle, as MNIST's digits were (Yadav and Bottou, 2019, "
        "arXiv:1905.10498).",
        f"**Licence.** {f'[{title}]({address})' if address else title}",
        f"**Hash.** sha256 of all images and labels, train before test: `{about.version}`",
        f"**To read them:**\n\n```python\n{about.how_to_read}\n```",
        "Made with DigitLab.",
    ]
    return "\n\n".join(parts) + "\n"


def plain(text: str) -> str:
    r"""Return a text so that Markdown shows it as it is: a name is never a link or a table.

    Example:
        >>> print(plain("A|b <i>"))
        A\|b \<i\>
    """
    return re.sub(r"([\\`*_{}\[\]<>()#+\-.!|~$&=:])", r"\\\1", " ".join(text.split()))


def _row(split: str, counts: Iterable[int]) -> str:
    numbers = list(counts)
    return f"| {split} | {' | '.join(map(str, numbers))} | {sum(numbers)} |"


def _writers(names: Sequence[str]) -> str:
    counted = Counter(names).most_common()
    told = ", ".join(f"{plain(name or 'unknown')} ({count:,})" for name, count in counted[:100])
    more = f", and {len(counted) - 100} more" if len(counted) > 100 else ""
    return f"{len(counted)}: {told}{more}." if counted else "None."
