"""Texts of charts measured once.

matplotlib lays a chart out twice, measures it and draws it, and works out the size of every text five or six times on
the way with the same answer; with a Chinese font that is a sixth of the time a chart takes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from matplotlib import rcParams
from matplotlib.text import Text

_MOST_KNOWN = 4000
_known: dict[tuple, tuple] = {}


@contextmanager
def texts_measured_once() -> Iterator[None]:
    """Within, a text's size is worked out once for all that it depends on, and looked up from then on.

    Charts of a notebook share half their texts, so what is known is kept. Texts that wrap or turn with the axes depend on
    more than themselves and are measured as ever; so is everything where a matplotlib of another version has no such step.
    """
    plain = vars(Text).get("_get_layout")
    if plain is None:
        yield
        return
    if len(_known) > _MOST_KNOWN:
        _known.clear()

    def looked_up(text: Text, renderer: object) -> tuple:
        if text.get_wrap() or text.get_transform_rotates_text():
            return plain(text, renderer)
        key = (text.get_text(), text.get_fontproperties(), text.get_rotation(), text.get_rotation_mode(), text.get_ha(), text.get_va(),
               text.get_usetex(), text.get_parse_math(), text._linespacing, text._multialignment, text.get_figure(root=True).dpi,
               type(renderer), rcParams["text.hinting"])
        found = _known.get(key)
        if found is None:
            # The font is copied, since a text's own may be changed later and would then no longer be found.
            found = _known[key[0], key[1].copy(), *key[2:]] = plain(text, renderer)
        return found

    Text._get_layout = looked_up
    try:
        yield
    finally:
        Text._get_layout = plain
