"""How every chart looks: bundled Chinese fonts, one palette, labels that fit.

Charts must read the same on a machine with no Chinese font and on a
black-and-white printer, so the fonts travel with the package and the colours
differ in lightness as well as in hue.
"""

from __future__ import annotations

import math
import re
import unicodedata
import warnings
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import matplotlib as mpl
import matplotlib.colors
from matplotlib import font_manager

FONT_DIR = Path(__file__).with_name("fonts")
FAMILY = "Noto Sans SC"
# Consulted in this order for characters that the bundled subset lacks.
SYSTEM_FAMILIES = (
    "Noto Sans CJK SC", "Source Han Sans SC", "Source Han Sans CN", "Microsoft YaHei",
    "PingFang SC", "Hiragino Sans GB", "Heiti SC", "Songti SC", "STHeiti", "SimHei",
    "SimSun", "SimSun-ExtB", "SimSun-ExtG", "Noto Serif CJK SC", "Source Han Serif SC",
    "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Droid Sans Fallback",
    "Arial Unicode MS", "Plangothic P1", "Plangothic P2", "HanaMinA", "HanaMinB",
)
# The typesetter's mark for a character that cannot be set.
SUBSTITUTE = "〓"

# Lightness (CIE L*) in brackets: what remains of a colour on a mono printer.
HOME = "#B3202C"  # deep red (39)
BENCHMARK = "#12305A"  # deep blue (20)
OTHER = "#A6ACB3"  # grey (70)
BEST = "#C98A1B"  # ochre (62)
INK = "#22262B"  # text
MUTED = "#5B636B"  # secondary text
RULE = "#D5D9DD"  # grid and separators
BAND = "#E8EEF4"  # tolerance bands
MISSING = "#EDEDED"  # ground of missing and masked cells
# Neighbours alternate between dark and light; hatches repeat the distinction.
PARTS = ("#24466F", "#A9C3DD", "#4C7A69", "#E3D5A9", "#7A5C74", "#D3DAE0")
HATCHES = ("", "///", "", "...", "", "\\\\\\")
ADJUSTMENT = BEST
LAGGING = "#E9B7AE"  # what is lost or behind; drawn with a hatch (78)
# Light is a good place, dark a weak one, evenly spaced in lightness.
WEAKNESS = ("#F8F4EA", "#F2DDBF", "#E3B088", "#C8735A", "#953532")
MARKERS = {"home": "D", "benchmark": "s", "other": "o", "best": "^"}

_CLOSING = set("，。、；：？！）》〉」』】〕％…·”’,.;:?!)]}%")
_OPENING = set("（《〈「『【〔“‘([{")
_TOKEN = re.compile(r"[A-Za-z0-9.+&'%/_-]+|.", re.DOTALL)


def use_style() -> None:
    """Register the bundled fonts and set matplotlib's defaults.

    May be called any number of times; call it again after
    ``seaborn.set_theme``, which resets the fonts.
    """
    _register_fonts()
    mpl.rcParams.update(style_rc())


def style_rc() -> dict[str, object]:
    """The settings that :func:`use_style` applies, as ``rc=`` of ``seaborn.set_theme``."""
    _register_fonts()
    families = _font_stack()
    return {
        # Fallback from glyph to glyph works along font.family, not font.sans-serif;
        # the latter is what seaborn and other libraries write to and read.
        "font.family": families,
        "font.sans-serif": families,
        "font.size": 9.5,
        # Charts are drawn at twice a screen's resolution, where fitting letters to whole pixels only costs time.
        "text.hinting": "no_hinting",
        "axes.unicode_minus": True,
        "pdf.fonttype": 42,
        "ps.fonttype": 42,
        "svg.fonttype": "none",
        "figure.facecolor": "white",
        "figure.dpi": 110,
        "savefig.dpi": 160,
        "savefig.facecolor": "white",
        "axes.facecolor": "white",
        "axes.edgecolor": MUTED,
        "axes.linewidth": 0.8,
        "axes.labelcolor": INK,
        "axes.labelsize": 9,
        "axes.titlesize": 12,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.titlepad": 10.0,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "axes.grid": False,
        "axes.prop_cycle": mpl.cycler(color=[BENCHMARK, HOME, *PARTS[1:5]]),
        "grid.color": RULE,
        "grid.linewidth": 0.7,
        "text.color": INK,
        "xtick.color": MUTED,
        "ytick.color": MUTED,
        "xtick.labelcolor": INK,
        "ytick.labelcolor": INK,
        "xtick.labelsize": 8.5,
        "ytick.labelsize": 9.5,
        "legend.frameon": False,
        "legend.fontsize": 8.5,
        "hatch.linewidth": 0.6,
        "lines.solid_capstyle": "butt",
    }


def ensure_style() -> None:
    """Apply the style unless the bundled font already leads the font stack."""
    if list(mpl.rcParams["font.family"])[:1] != [FAMILY] or not _registered():
        use_style()


def lightness(color: object) -> float:
    """CIE L* (0 black … 100 white) of an sRGB colour: what a mono printer keeps of it."""
    linear = [
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
        for channel in mpl.colors.to_rgb(color)
    ]
    luminance = sum(share * channel for share, channel in zip((0.2126, 0.7152, 0.0722), linear))
    return 116 * luminance ** (1 / 3) - 16 if luminance > 0.008856 else 903.3 * luminance


def ink_on(color: object) -> str:
    """White or dark ink, whichever contrasts more with a ground of `color`."""
    return "white" if lightness(color) < 52 else INK


def _bundled() -> list[Path]:
    return sorted(FONT_DIR.glob("*.ttf"))


def _registered() -> bool:
    known = {entry.fname for entry in font_manager.fontManager.ttflist}
    return all(str(path) in known for path in _bundled())


def _register_fonts() -> None:
    if _registered():
        return
    for path in _bundled():
        fonts = font_manager.fontManager.ttflist
        before = len(fonts)
        font_manager.fontManager.addfont(path)
        # In front, because an installed variable font of the same family would
        # otherwise win and be drawn in its thinnest weight.
        fonts[:] = fonts[before:] + fonts[:before]
    _coverage.cache_clear()


def _font_stack() -> list[str]:
    installed = {entry.name for entry in font_manager.fontManager.ttflist}
    return [FAMILY, *(name for name in SYSTEM_FAMILIES if name in installed), "DejaVu Sans"]


@lru_cache(maxsize=4)
def _coverage(families: tuple[str, ...]) -> frozenset[int]:
    covered: set[int] = set()
    for family in families:
        properties = font_manager.FontProperties(family=family)
        path = font_manager.findfont(properties)
        covered.update(font_manager.get_font(path).get_charmap())
    return frozenset(covered)


def _invisible(char: str) -> bool:
    return char.isspace() or unicodedata.category(char) in ("Cc", "Cf")


def missing_characters(text: str) -> set[str]:
    """The characters of `text` that no font in the stack can draw."""
    _register_fonts()
    covered = _coverage(tuple(_font_stack()))
    return {c for c in set(str(text)) if not _invisible(c) and ord(c) not in covered}


def warn_missing(texts: Iterable[object]) -> set[str]:
    """Name, in one Chinese warning, the characters of `texts` that cannot be drawn.

    Returns them; draw the texts through :func:`drawable` to get the
    substitute mark in their place.
    """
    missing = missing_characters("".join(str(text) for text in texts))
    if missing:
        named = "、".join(
            f"U+{ord(c):04X}" if unicodedata.category(c) == "Cs" else f"{c}（U+{ord(c):04X}）"
            for c in sorted(missing)
        )
        warnings.warn(
            f"图中有 {len(missing)} 个字现有字体画不出，以“{SUBSTITUTE}”代替：{named}。"
            "办法：在本机安装含生僻字的中文字体（如思源黑体）后重新生成。",
            UserWarning,
            stacklevel=2,
        )
    return missing


def drawable(text: object) -> str:
    """`text` on one line as it can be drawn.

    Characters without a glyph become 〓, control characters and line breaks
    become spaces, and ``$`` becomes its full-width form so that a name is
    never read as a formula.
    """
    missing = missing_characters(str(text))
    shown = []
    for char in str(text):
        if char in missing:
            shown.append(SUBSTITUTE)
        elif _invisible(char):
            shown.append("" if unicodedata.category(char) == "Cf" else " ")
        else:
            shown.append("＄" if char == "$" else char)
    return "".join(shown).strip()


def display_width(text: str) -> int:
    """Width in half-width columns: East Asian wide, full-width and ambiguous are 2."""
    return sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in text)


def wrap_label(text: str, width: int) -> str:
    """Break `text` into lines of at most `width` columns, as even as possible.

    Words in Latin letters and figures stay whole where they fit; a closing mark
    does not begin a line and an opening one does not end it where another break
    exists.
    """
    if width < 2:
        raise ValueError("width must hold at least one wide character (2)")
    total = display_width(text)
    if total <= width:
        return text
    lines = _fill(text, width)
    for narrower in range(max(2, math.ceil(total / len(lines))), width):
        even = _fill(text, narrower)
        if len(even) == len(lines) and max(map(display_width, even)) <= narrower:
            return "\n".join(even)
    return "\n".join(lines)


def _fill(text: str, width: int) -> list[str]:
    tokens = [
        piece
        for token in _TOKEN.findall(text)
        for piece in ([token] if display_width(token) <= width else token)
    ]
    lines: list[list[str]] = [[]]
    for token in tokens:
        line = lines[-1]
        if display_width("".join(line) + token) <= width:
            line.append(token)
            continue
        # Carry the previous word down, so that a closing mark does not lead a
        # line and an opening one does not end it.
        split = len(line) > 1 and (token in _CLOSING or line[-1] in _OPENING)
        if split and display_width(line[-1] + token) <= width:
            lines.append([line.pop(), token])
        else:
            lines.append([token])
    joined = ("".join(line).strip() for line in lines)
    return [line for line in joined if line]
