"""Sliders for weights and number boxes for values, in JupyterLab."""

from __future__ import annotations

from ..assessment import Assessment, assess_case
from ..params import AssessmentError
from ..report import markup, show
from ..words import reworded, wording
from .answer import FORMATS, Answer, change, compare_view, finding, indicator_view


def panel(case, home: str, assessment: Assessment | None = None, begin: Answer | None = None):
    """The widget: weights by slider and home's values by box on the left, the answer on the right.

    Parameters
    ----------
    case, home : the case and the district whose values can be changed.
    assessment : as it is; made here if None. begin : changes already made.

    Returns
    -------
    An ipywidgets box. ``box.answer()`` gives the :class:`analysis.whatif.Answer` of the moment; ``box.reset()``
    takes everything back. Needs ipywidgets, and a live front end to be moved.
    """
    import ipywidgets as widgets

    before = assessment if assessment is not None else assess_case(case)
    nodes, say = before.tree.nodes, wording(case)
    weights, values = {}, {}
    wide = {"style": {"description_width": "13em"}, "layout": widgets.Layout(width="98%")}
    for code in nodes.index:
        if code == before.root or not nodes.at[code, "raw_weight"] >= 0:
            continue
        own = float(nodes.at[code, "raw_weight"])
        siblings = nodes.loc[nodes["parent"] == nodes.at[code, "parent"], "raw_weight"].sum()
        weights[code] = widgets.FloatSlider(value=own, min=0, max=max(2 * own, float(siblings)), step=_step(siblings), description=nodes.at[code, "name"],
                                            readout_format=".1f", **wide)
    for code in before.tree.leaves:
        now, label = before.raw.at[home, code], f"{nodes.at[code, 'name']}（{nodes.at[code, 'unit'] or '—'}）"
        # What is masked or missing stays so until somebody assumes a number.
        values[code] = widgets.FloatText(value=float(now), description=label, **wide) if now == now else widgets.Text(
            placeholder="未公开或没有数，可填一个假设", description=label, **wide)
    start = {box: box.value for box in (*weights.values(), *values.values())}
    shown = widgets.HTML()
    back = widgets.Button(description="全部还原", tooltip="回到案例里的权重和数值")

    def answer():
        return change(case, {c: s.value for c, s in weights.items() if s.value != start[s]},
                      {(home, c): float(b.value) for c, b in values.items() if b.value != start[b]}, before.year, before)

    def refresh(_=None):
        if not holding:
            shown.value = _answer_html(answer, home, say)

    def reset(_=None):
        holding.append(True)
        for box, value in start.items():
            box.value = value
        holding.clear()
        refresh()

    holding: list[bool] = []
    for box in start:
        box.observe(refresh, "value")
    back.on_click(reset)
    groups = [c for c in nodes.index if not nodes.at[c, "leaf"] and c != before.root]
    top = [weights[c] for c in weights if nodes.at[c, "parent"] == before.root]
    folds = [(nodes.at[g, "name"], [weights[c] for c in weights if nodes.at[c, "parent"] == g]) for g in groups]
    folds = [("各大类权重", top), *[(f"{name}：内部权重", boxes) for name, boxes in folds if boxes], (f"{home}的指标值", list(values.values()))]
    controls = widgets.Accordion([widgets.VBox(boxes) for _, boxes in folds], titles=[name for name, _ in folds], selected_index=0)
    for code, value in (begin.weights if begin else {}).items():
        weights[code].max = max(weights[code].max, value)
        weights[code].value = value
    for (district, code), value in (begin.values if begin else {}).items():
        if district == home:
            values[code].value = value if isinstance(values[code].value, float) else f"{value:g}"
    refresh()
    box = widgets.HBox([widgets.VBox([back, controls], layout=widgets.Layout(width="46%")), widgets.Box([shown], layout=widgets.Layout(width="54%"))])
    box.answer, box.reset, box.weights, box.values, box.shown = answer, reset, weights, values, shown
    return box


def _answer_html(answer, home, say):
    """The answer as HTML, as the case words it; what cannot be assessed says why."""
    try:
        found = answer()
    except (AssessmentError, TypeError, ValueError) as error:
        return f'{show.style()}<div class="ys ys-say ys-note"><p>{markup.escape(say(str(error)) if isinstance(error, AssessmentError) else "请填数值")}</p></div>'
    parts = [f'<div class="ys ys-say ys-conclusion"><p>{markup.inline(say(finding(found, home)))}</p></div>']
    view = compare_view(found, home=home)
    parts.append(markup.table(reworded(view, say), "改动前后的得分和位次", formats=FORMATS, highlight_rows=(view["区县"] == home).to_numpy()))
    if found.weights or found.values:
        parts.append(markup.table(indicator_view(found), "作了哪些假设", formats={"原来": ",.6g", "改为": ",.6g"}))
    return show.style() + "".join(parts)


def _step(total):
    """A hundredth of the siblings' total, in a round number."""
    import math

    return 10.0 ** math.floor(math.log10(total / 50)) if total > 0 else 0.01
