"""What several test modules share and no fixture is needed for."""


def canvas_value(strokes):
    """The state the canvas component would send after these strokes were drawn: [(x, y), ...] each, in pixels.

    In AppTest, after a run: ``at.session_state[at_canvas_key(at, "pad")] = canvas_value(strokes)``, then ``at.run()``.
    """
    return {"drawing": {"raw": fabric_json(strokes), "data": None}, "backgroundFit": None}


def fabric_json(strokes):
    """Strokes as Fabric's pencil writes them: the curve's control points are the pointer's positions."""
    objects = []
    for stroke in strokes:
        points = [[float(x), float(y)] for x, y in stroke]
        path = [["M", *points[0]]]
        for (x, y), (next_x, next_y) in zip(points, points[1:], strict=False):
            path.append(["Q", x, y, (x + next_x) / 2, (y + next_y) / 2])
        path.append(["L", *points[-1]])
        objects.append({"type": "Path", "path": path})
    return {"version": "7.4.0", "objects": objects, "background": "#000000"}


def at_canvas_key(at, key):
    """The key of the canvas component in an AppTest now; it changes with each Save, Undo and Clear."""
    (canvas,) = [e for e in at.get("bidi_component") if (e.key or "").startswith(f"{key}-canvas-")]
    return canvas.key
