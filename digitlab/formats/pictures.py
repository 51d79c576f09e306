"""Pictures that somebody hands in, opened so that none of them can take all the memory."""

import io
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image

from digitlab.formats.parts import FormatError

ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".heic", ".heif", ".avif")
# HEIC, a phone's own format, is none that Pillow opens by itself. The package that adds it brings decoders of video,
# megabytes of C++ that would read whatever is uploaded; a phone saves JPEG when it is told to.
_HEIC = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}  # brands
_KINDS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF")  # that are opened: no other decoder is asked
# What decoders say of a damaged picture; that of AVIF a RuntimeError.
DAMAGED = OSError, SyntaxError, ValueError, RuntimeError, MemoryError
_LONGEST_SIDE = 12_000  # pixels
_MOST_PIXELS = 50_000_000  # the camera of a good phone


@contextmanager
def open_picture(content: bytes, name: str) -> Iterator[Image.Image]:
    """Open a picture whose size is fit; it is decoded when its pixels are asked for.

    Args:
        content: Of the file.
        name: Of the file, for the error.

    Raises:
        FormatError: If it is none that can be opened, or too large.
    """
    known = [kind for kind in _KINDS if kind in Image.registered_extensions().values()]
    try:
        picture = Image.open(io.BytesIO(content), formats=known)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise FormatError(
            f"Expected a picture of a camera or scanner. Received: {name}: {error} Make it smaller."
        ) from error
    except DAMAGED as error:
        hint = "HEIC cannot be opened here: save it as JPEG (iPhone: Settings, Camera, Formats, Most Compatible)."
        raise FormatError(
            f"Expected a picture (PNG or JPEG). Received: {name}, which cannot be opened. "
            f"{hint if _is_heic(content) else 'It is damaged or of another kind: save it as PNG or JPEG.'}"
        ) from error
    with picture:
        if max(picture.size) > _LONGEST_SIDE or picture.width * picture.height > _MOST_PIXELS:
            raise FormatError(
                f"Expected a picture of at most {_LONGEST_SIDE:,} pixels a side and {_MOST_PIXELS // 10**6} million in "
                f"all. Received: {name}, {picture.width:,}x{picture.height:,}. Make it smaller or cut a part out."
            )
        yield picture


def _is_heic(content: bytes) -> bool:
    return content[4:8] == b"ftyp" and content[8:12] in _HEIC
