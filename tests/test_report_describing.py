"""Charts in words, from the figures themselves."""

from __future__ import annotations

import pytest
from matplotlib import pyplot as plt
from matplotlib import rc_context

from analysis.report import describing
from analysis.style import use_style


@pytest.fixture(autouse=True)
def styled():
    with rc_context():
        use_style()
        yield
    plt.close("all")


def words(fig) -> str:
    fig.canvas.draw()
    return describing.in_words(fig)


def test_numbers_become_their_ends_and_names_a_list():
    fig, ax = plt.subplots()
    ax.barh(["甲区", "乙区", "丙\n区"], [10, 20, 30])
    ax.set(xticks=[0, 20, 40, 60], xlabel="得分\n（分）")
    ax.set_xlim(0, 40)
    assert words(fig) == "横轴：得分（分），0 到 40；纵轴：甲区、乙区、丙区。"


def test_a_long_list_of_names_is_cut_and_counted():
    fig, ax = plt.subplots()
    ax.barh([f"第{n}厂" for n in range(20)], range(20))
    said = words(fig)
    assert "第0厂" in said and "等 20 项" in said and "第19厂" not in said


def test_panels_are_numbered_and_what_is_hidden_is_left_out():
    fig, axes = plt.subplots(1, 3)
    for ax, title in zip(axes, ("左", "中", "右"), strict=True):
        ax.plot([0, 1], [0, 1], label="甲")
        ax.set_title(title)
    axes[1].axis("off")
    axes[2].set_visible(False)
    axes[0].tick_params(labelleft=False)
    fig.legend(["甲线"])
    said = words(fig)
    assert "中" not in said and "右" not in said and "纵轴" not in said and said.endswith("图例：甲线。")
    axes[1].axis("on")
    assert words(fig).startswith("第 1 幅“左”，横轴") and "第 2 幅“中”" in words(fig)


def test_a_picture_without_axes_says_nothing():
    fig, ax = plt.subplots()
    ax.axis("off")
    assert words(fig) == "" and words(plt.figure()) == ""
