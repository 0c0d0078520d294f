"""The bundled fonts draw Chinese and a true minus sign, and say what they cannot draw."""

import warnings
from itertools import combinations

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
import seaborn
from PIL import Image

from analysis import style

RARE = "㙍垚\U000200c0"


@pytest.fixture(autouse=True)
def bundled_fonts_only(monkeypatch):
    # What a developer's machine has installed must not decide the outcome.
    monkeypatch.setattr(style, "SYSTEM_FAMILIES", ())
    with mpl.rc_context():
        yield
    plt.close("all")


def drawn(text, **kwargs):
    figure = plt.figure(figsize=(3, 1), dpi=100)
    figure.text(0.1, 0.4, text, fontsize=20, **kwargs)
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba())[..., :3].min(axis=2) < 128


def test_chinese_and_minus_signs_are_drawn_without_a_missing_glyph():
    style.use_style()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert drawn("淮阴区堃 −3.5 ±℃㎡").any()
        assert drawn("淮阴区堃 −3.5", fontweight="bold").any()


def test_tick_labels_use_the_true_minus_sign():
    style.use_style()
    figure, ax = plt.subplots()
    ax.set_xlim(-2, 2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure.canvas.draw()
    assert "\u22121" in "".join(label.get_text() for label in ax.get_xticklabels())


def test_every_common_character_of_gb2312_can_be_drawn():
    level_one_and_two = "".join(
        bytes([high, low]).decode("gb2312", errors="ignore")
        for high in range(0xB0, 0xF8) for low in range(0xA1, 0xFF)
    )
    assert len(level_one_and_two) == 6763
    assert style.missing_characters(level_one_and_two) == set()


def test_using_the_style_twice_registers_each_font_once():
    style.use_style()
    style.use_style()
    files = [
        entry.fname for entry in mpl.font_manager.fontManager.ttflist
        if str(style.FONT_DIR) in entry.fname
    ]
    assert len(files) == len(set(files)) == 2


def test_bold_text_finds_the_bold_file():
    style.use_style()
    bold = mpl.font_manager.FontProperties(family=style.FAMILY, weight="bold")
    assert "Bold" in mpl.font_manager.findfont(bold)


def test_the_style_survives_a_seaborn_theme_before_and_inside():
    seaborn.set_theme(rc={"font.size": 11})
    style.use_style()
    assert mpl.rcParams["font.family"][0] == style.FAMILY
    seaborn.set_theme(rc=style.style_rc())
    assert mpl.rcParams["font.family"][0] == style.FAMILY


def test_ensuring_the_style_restores_fonts_that_seaborn_reset():
    style.use_style()
    seaborn.set_theme()
    style.ensure_style()
    assert mpl.rcParams["font.family"][0] == style.FAMILY


def test_ensuring_the_style_keeps_a_setting_the_user_changed():
    style.use_style()
    mpl.rcParams["axes.titlesize"] = 20
    style.ensure_style()
    assert mpl.rcParams["axes.titlesize"] == 20


def test_pdf_text_stays_text():
    style.use_style()
    assert mpl.rcParams["pdf.fonttype"] == 42
    assert mpl.rcParams["svg.fonttype"] == "none"


def test_characters_without_a_glyph_are_found():
    assert style.missing_characters("王" + RARE + "堃\n\t\u200b") == set(RARE)


def test_one_chinese_warning_names_every_missing_character():
    with pytest.warns(UserWarning, match="3 个字") as caught:
        style.warn_missing(["李垚公司", "㙍县", "\U000200c0"])
    assert len(caught) == 1
    for named in ("垚（U+579A）", "㙍（U+364D）", "（U+200C0）"):
        assert named in str(caught[0].message)


def test_a_lone_surrogate_is_named_by_number_so_that_the_warning_can_be_printed():
    with pytest.warns(UserWarning, match=r"U\+D800") as caught:
        style.warn_missing(["坏\ud800字"])
    str(caught[0].message).encode("utf-8")


def test_no_warning_when_everything_can_be_drawn():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert style.warn_missing(["淮阴区", 12, "R&D（%）"]) == set()


def test_a_missing_character_is_drawn_as_a_substitute_not_as_an_empty_box():
    style.use_style()
    text = style.drawable("李垚公司")
    assert text == "李〓公司"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert drawn(text).any()


@pytest.mark.parametrize("name", ["$x^2$公司", "$\\frac{1}$", "a$b"])
def test_a_name_with_dollar_signs_is_never_read_as_a_formula(name):
    style.use_style()
    assert drawn(style.drawable(name)).any()
    assert "$" not in style.drawable(name)


def test_line_breaks_and_invisible_characters_do_not_reach_the_chart():
    assert style.drawable("甲\r\n乙\u200b丙\x00丁") == "甲  乙丙 丁"


def test_width_counts_chinese_twice():
    assert style.display_width("R&D经费（%）") == 3 + 4 + 2 + 1 + 2


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("增加值", 6, ["增加值"]),
        ("规模以上工业增加值增速", 8, ["规模以上", "工业增加", "值增速"]),
        ("规模以上工业增加值增速", 20, ["规模以上工业", "增加值增速"]),
        ("高新技术企业（家）", 8, ["高新技", "术企业", "（家）"]),
        ("占GDP比重", 6, ["占GDP", "比重"]),
        ("ABCDEFGH", 4, ["ABCD", "EFGH"]),
    ],
)
def test_long_labels_are_wrapped_evenly(text, width, lines):
    assert style.wrap_label(text, width).split("\n") == lines


def test_wrapping_loses_nothing_and_keeps_to_the_width():
    text = "单位GDP能耗降低率（上年=100，%）、PM2.5平均浓度：含《意见》所列"
    for width in range(2, 40):
        lines = style.wrap_label(text, width).split("\n")
        assert "".join(lines) == text
        assert max(map(style.display_width, lines)) <= width


def test_a_width_below_one_character_is_refused():
    with pytest.raises(ValueError):
        style.wrap_label("甲", 1)


def grey(color):
    red_green_blue = tuple(round(255 * c) for c in mpl.colors.to_rgb(color))
    return Image.new("RGB", (1, 1), red_green_blue).convert("L").getpixel((0, 0))


def test_home_benchmark_and_others_differ_on_a_monochrome_printer():
    levels = sorted(map(grey, (style.HOME, style.BENCHMARK, style.OTHER)))
    assert min(np.diff(levels)) >= 25
    assert len(set(style.MARKERS.values())) == len(style.MARKERS)


def test_neighbouring_parts_differ_on_a_monochrome_printer():
    for first, second in zip(style.PARTS, style.PARTS[1:]):
        assert abs(grey(first) - grey(second)) >= 40
    assert len(set(zip(style.PARTS, style.HATCHES))) == len(style.PARTS)


def test_the_heat_scale_darkens_steadily():
    levels = list(map(grey, style.WEAKNESS))
    assert all(first - second >= 15 for first, second in zip(levels, levels[1:]))


def test_lightness_agrees_with_published_values():
    # CIE L* of sRGB primaries (D65).
    for color, expected in {"white": 100, "black": 0, "red": 53.24, "lime": 87.73, "blue": 32.30}.items():
        assert style.lightness(color) == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize("color", [*style.PARTS, *style.WEAKNESS, style.HOME, style.BENCHMARK])
def test_figures_inside_a_coloured_field_have_the_better_contrast(color):
    # WCAG 2 contrast ratio, from seaborn's relative luminance.
    luminance = {c: seaborn.utils.relative_luminance(c) for c in (color, style.INK, "white")}

    def contrast(ink):
        high, low = sorted((luminance[color], luminance[ink]), reverse=True)
        return (high + 0.05) / (low + 0.05)

    assert contrast(style.ink_on(color)) >= 4


def test_colours_are_distinct():
    for first, second in combinations((style.HOME, style.BENCHMARK, style.OTHER, style.BEST), 2):
        assert first != second
