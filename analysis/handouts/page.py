"""What the notebook of the handouts says and links."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from .gather import Handouts
from .model import ANSWERS, ENTERPRISE, POSTER, TOWN, WORKSHEET


def findings(content: Handouts, towns: Sequence[str] | None = None, enterprises: bool = True) -> list[str]:
    """How many pages of which kind, and for whom."""
    own = [p for p in content.towns if towns is None or p.town in towns]
    firms = [p for p in content.enterprises if towns is None or p.town in towns] if enterprises else []
    said = [f"镇街园区一页纸 **{len(own)} 份**" + (f"，清单企业的条件自测表 **{len(firms)} 份**（每镇街另有合订本）" if firms else "") + "，学员工作页一份" + ("（教师用的答案另成一份）" if len(content.worksheet) > 1 else "")
            + ("，排名海报一份" if content.poster is not None else "") + "。"]
    said.append("镇街和企业的讲义只有本镇街、本企业的内容，可以单独发放；A4 打印，企业自测表请企业填写空白处后带回。")
    return said


def links(made: pd.DataFrame, folder: str = "handouts") -> list[tuple[str, str]]:
    """Addresses and texts of what is printed for everybody and for each town, PDF only; ``made`` as ``write_handouts`` gives."""
    shown = made[made["file"].str.endswith(".pdf") & ((made["kind"] != ENTERPRISE) | made["file"].str.contains("合订本"))]
    order = {WORKSHEET: 0, ANSWERS: 1, POSTER: 2, TOWN: 3, ENTERPRISE: 4}
    shown = shown.assign(order=shown["kind"].map(order)).sort_values(["order", "town"], kind="stable")
    return [(f"{folder}/{row.file}", f"{row.town or ''}{'：' if row.town else ''}{row.kind}{'（合订本）' if row.kind == ENTERPRISE else ''}") for row in shown.itertuples()]


def files_view(made: pd.DataFrame) -> pd.DataFrame:
    """Every file with its kind, town and pages."""
    return pd.DataFrame({"文件": made["file"], "种类": made["kind"], "镇街园区": made["town"], "页数": made["pages"]})


def missing_finding(made: pd.DataFrame) -> list[str]:
    """Characters that the bundled font lacks, as a sentence."""
    lacking = "".join(dict.fromkeys("".join(made["missing"])))
    return [f"随带字库没有这些字，PDF 里印成〓并在页脚写明，Word 文件不受影响：{'、'.join(lacking)}。"] if lacking else []
