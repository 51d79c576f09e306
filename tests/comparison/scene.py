"""A chart as vl-convert lays it out: where each text stands, so that a test can see what overlaps or is cut."""

from dataclasses import dataclass

import vl_convert
from PIL import ImageFont


@dataclass(frozen=True)
class Text:
    """A text that can be seen, with its box in px from the upper left corner of the chart."""

    text: str
    role: str
    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other):
        return (
            self.left < other.right - 1
            and other.left < self.right - 1
            and self.top < other.bottom - 1
            and other.top < self.bottom - 1
        )


@dataclass(frozen=True)
class Scene:
    """A chart as it is laid out.

    Attributes:
        width: px, of all of it.
        height: The same.
        texts: That can be seen.
        marks: Of the plot, by their type such as `symbol` and `rule`: x and y in px and what else is known of each.
    """

    width: float
    height: float
    texts: list
    marks: dict


def lay_out(chart, width):
    """Lay a chart out as the page does: as wide as there is room."""
    spec = chart.to_dict()
    spec["width"], spec["autosize"] = width, {"type": "fit", "contains": "padding"}
    scene = vl_convert.vegalite_to_scenegraph(spec)
    texts, marks = [], {"symbol": [], "rule": []}
    _collect(scene["scenegraph"], *scene["origin"], texts)
    for marktype, found in marks.items():
        _find(scene["scenegraph"], *scene["origin"], marktype, found)
    return Scene(scene["width"], scene["height"], texts, marks)


def _find(mark, x, y, marktype, found):
    for item in mark.get("items", []):
        left, top = x + item.get("x", 0), y + item.get("y", 0)
        if mark["marktype"] == "group":
            for child in item.get("items", []):
                _find(child, left, top, marktype, found)
        elif mark["marktype"] == marktype and mark.get("role") == "mark" and item.get("opacity", 1) > 0:
            found.append((left, top, item))


def _collect(mark, x, y, texts):
    for item in mark.get("items", []):
        left, top = x + item.get("x", 0), y + item.get("y", 0)
        if mark["marktype"] == "group":
            for child in item.get("items", []):
                _collect(child, left, top, texts)
        elif mark["marktype"] == "text" and item.get("text") and item.get("opacity", 1) > 0:
            texts.append(_boxed(item, mark.get("role", ""), left + item.get("dx", 0), top + item.get("dy", 0)))


def _boxed(item, role, x, y):
    size = item.get("fontSize", 11)
    words = str(item["text"])
    width, height = ImageFont.load_default(size).getlength(words), float(size)
    if item.get("limit"):
        width = min(width, item["limit"])
    before = {"left": 0.0, "center": width / 2, "right": width}[item.get("align", "left")]
    above = {"top": 0.0, "middle": height / 2}.get(item.get("baseline", "alphabetic"), height)
    if item.get("angle") in (270, -90):  # written upwards
        return Text(words, role, x - above, y - (width - before), x - above + height, y + before)
    return Text(words, role, x - before, y - above, x - before + width, y - above + height)
