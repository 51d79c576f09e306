"""PDF files of rectangles and plain text: so little that no library is needed for it.

Source:
    ISO 32000, "Document management: Portable document format". Text is in Helvetica, which every reader of PDF has.
"""

import zlib

_POINTS = 72 / 25.4  # a millimetre


class Page:
    """One page, drawn on from its upper left corner in millimetres.

    Args:
        width: Millimetres.
        height: Millimetres.
    """

    def __init__(self, width: float, height: float) -> None:
        self.size = width * _POINTS, height * _POINTS
        self._height = height
        self._drawn: list[bytes] = []

    @property
    def content(self) -> bytes:
        """What is drawn on it, in PDF's operators."""
        return b"\n".join(self._drawn)

    def fill(self, left: float, top: float, right: float, bottom: float, *, light: float = 0.0) -> None:
        """Fill a rectangle; `light` is 0 for black to 1 for white."""
        self._draw(f"{light:.3f} g {self._rectangle(left, top, right, bottom)} f")

    def outline(self, left: float, top: float, right: float, bottom: float, *, line: float, light: float = 0.0) -> None:
        """Draw the edge of a rectangle with a line so many millimetres wide."""
        self._draw(f"{light:.3f} G {line * _POINTS:.3f} w {self._rectangle(left, top, right, bottom)} S")

    def text(self, left: float, baseline: float, size: float, text: str, *, light: float = 0.0) -> None:
        """Write a line of text in letters so many millimetres high.

        Raises:
            ValueError: If Helvetica lacks one of its letters; see `can_write`.
        """
        place = f"{left * _POINTS:.2f} {(self._height - baseline) * _POINTS:.2f}"
        head = f"{light:.3f} g BT /F1 {size * _POINTS:.2f} Tf {place} Td <"
        self._draw(f"{head}{text.encode('cp1252').hex()}> Tj ET")

    def _rectangle(self, left: float, top: float, right: float, bottom: float) -> str:
        numbers = left, self._height - bottom, right - left, bottom - top
        return " ".join(f"{number * _POINTS:.3f}" for number in numbers) + " re"

    def _draw(self, operators: str) -> None:
        self._drawn.append(operators.encode())


def can_write(text: str) -> bool:
    """Return whether Helvetica has all letters of a text: those of Western Europe.

    Example:
        >>> can_write("Zoë"), can_write("Анна")
        (True, False)
    """
    return len(text.encode("cp1252", "ignore")) == len(text)


def write(page: Page, title: str) -> bytes:
    """Return a PDF file of one page; its title may hold any letters."""
    content = zlib.compress(page.content)
    width, height = page.size
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width:.2f} {height:.2f}] /Contents 4 0 R "
        "/Resources << /Font << /F1 5 0 R >> >> >>".encode(),
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%b\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        f"<< /Title <FEFF{title.encode('utf-16-be').hex()}> >>".encode(),
    ]
    file, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(file))
        file += b"%d 0 obj\n%b\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer\n<< /Size %d /Root 1 0 R /Info 6 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(file))
    return file + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table + end
