"""认定条件: the 单位 of a clause against that of the columns it reads; thresholds go to the columns' unit."""

from __future__ import annotations

from analysis.check_clauses import HELD
from analysis.columns import Typed
from analysis.params import AssessmentError
from analysis.problems import ERROR, NOTICE, WARNING
from analysis.units import is_money


def check_units(table: Typed, enterprises: Typed) -> None:
    """Threshold, 容差 and unit of each clause in the unit of what it reads (2 亿元 of 营业收入 become 20000 万元).

    A unit that cannot be converted is an error, one that does not fit a ratio a warning; a converted
    threshold and a money threshold of an own column without a unit are notices.
    """
    # The rules engine is right of this module; only its reader of fields is wanted here.
    from analysis.recognition.expressions import parse
    from analysis.recognition.fields import Headers
    from analysis.recognition.units import COUNTS, SHARES, fit_unit, scaled, tidy_unit

    frame, headers = table.frame, Headers(tuple(enterprises.frame.columns))
    official = {c.name for c in enterprises.sheet.columns}
    # What stands in brackets behind an own header need not be a unit: 税收（全口径）. Then nothing is converted, and that is said.
    own_units = {name: unit for name, unit in enterprises.stated.items() if unit and name not in official}
    plain_units = {name for name, unit in own_units.items() if is_money(unit) or tidy_unit(unit) in COUNTS | SHARES}
    for k, (field, op, threshold, give, unit, row) in enumerate(zip(*(frame[c] for c in ("field", "op", "threshold", "tolerance", "unit", "row")))):
        try:
            expression = parse(field, headers.known) if field and op and op != HELD else None
        except AssessmentError:
            # Reported where fields are checked; 评价得分 is in points.
            continue
        fit = fit_unit(unit, expression, lambda c: headers.unit(c) or own_units.get(c, ""))
        if fit.trouble and not fit.doubtful and any(c in own_units and c not in plain_units for c in expression.columns):
            table.report(NOTICE, f"「{field}」的单位与门槛的单位 {unit} 不同，不会换算，按原数比较", "核对两处的单位；不同就改成一样的", row, "unit")
        elif fit.trouble:
            words = fit.trouble.replace("“", "「").replace("”", "」")
            table.report(WARNING if fit.doubtful else ERROR, words, "核对字段和单位；比值的单位填 %、倍或留空" if fit.doubtful else
                         "门槛换成字段的单位再填，或换一个字段", row, "unit")
        elif fit.factor != 1:
            moved = scaled(threshold, fit.factor)
            table.report(NOTICE, f"门槛 {threshold} {unit}，企业表的「{field}」以{fit.unit}计，按 {moved} {fit.unit}判断", "不必改", row, "threshold")
            frame.loc[frame.index[k], ["threshold", "tolerance", "unit"]] = [moved, scaled(give, fit.factor), fit.unit]
        elif expression and (own := expression.column) and own not in official and own not in own_units and is_money(tidy_unit(unit)):
            table.report(NOTICE, f"企业表的列「{own}」没有写明单位，按{unit}与门槛比较", f"表头写明单位，如 {own}（{unit}）", row, "unit")
