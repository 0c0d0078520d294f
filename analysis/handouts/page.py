"""What the notebook of the handouts says and links."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

import pandas as pd

from ..report.files import readable
from .gather import Handouts
from .model import ANSWERS, ENTERPRISE, POSTER, TOWN, WORKSHEET
from .write import BOUND, FURTHER

PURPOSES = {
    WORKSHEET: "课上算、课上填，学员人手一份", ANSWERS: "教师讲评", POSTER: "张贴", TOWN: "各镇街园区：本地该报的企业、任务和期限",
    ENTERPRISE: "企业：对照条件，填写空白处后带回", FURTHER: "企业：一页排不下的认定和条款",
}
_BOUND = f"（{BOUND}）"
_FORMATS = {".pdf": "PDF", ".docx": "Word"}


def findings(content: Handouts, towns: Sequence[str] | None = None, enterprises: bool = True) -> list[str]:
    """How many pages of which kind, and for whom."""
    own = [p for p in content.towns if towns is None or p.town in towns]
    firms = [p for p in content.enterprises if towns is None or p.town in towns] if enterprises else []
    said = [f"镇街园区一页纸 **{len(own)} 份**" + (f"，清单企业的条件自测表 **{len(firms)} 份**（每镇街另有合订本）" if firms else "") + "，学员工作页一份" + ("（教师用的答案另成一份）" if len(content.worksheet) > 1 else "")
            + ("，排名海报 A4、A3 各一份" if content.poster is not None else "") + "。"]
    said.append("镇街和企业的讲义只有本镇街、本企业的内容，可以单独发放；A4 打印，企业自测表请企业填写空白处后带回。")
    return said


def kinds_view(made: pd.DataFrame | None) -> pd.DataFrame:
    """What is made for whom; with ``made`` (as ``write_handouts`` gives) how many files and pages of each kind."""
    if made is None:
        return pd.DataFrame({"材料": PURPOSES.keys(), "给谁、做什么用": PURPOSES.values()})
    pdf, bound = made["file"].str.endswith(".pdf"), made["file"].map(lambda name: PurePosixPath(name).stem == BOUND)
    counted = made.assign(pdf=pdf, word=~pdf, sheets=made["pages"].where(pdf, 0), kind=made["kind"] + bound.map({True: _BOUND, False: ""}))
    table = counted.groupby("kind", sort=False)[["pdf", "word", "sheets"]].sum().astype(int).reset_index()
    table.columns = ["材料", "PDF（份）", "Word（份）", "PDF（页）"]
    return table.assign(**{"给谁、做什么用": [PURPOSES[k.removesuffix(_BOUND)] + ("；合在一起便于打印" if k.endswith(_BOUND) else "") for k in table["材料"]]})


def link_groups(made: pd.DataFrame, folder: str = "handouts") -> list[tuple[str, list[tuple[str, str]]]]:
    """(heading, [(address, text), …]) of what is printed, PDF only: for everybody, of each town, each town's enterprises bound together."""
    shown = made[made["file"].str.endswith(".pdf") & (~made["kind"].isin([ENTERPRISE, FURTHER]) | made["file"].str.endswith(f"/{BOUND}.pdf"))]
    groups: dict[str, list[tuple[str, str]]] = {}
    for row in sorted(shown.itertuples(), key=lambda row: (list(PURPOSES).index(row.kind), row.town or "")):
        heading = f"各镇街园区的{row.kind}" if row.town else "大家用的"
        groups.setdefault(heading, []).append((f"{folder}/{row.file}", f"{row.town or ''}{'：' if row.town else ''}{row.kind}{_which(row)}"))
    return list(groups.items())


def links(made: pd.DataFrame, folder: str = "handouts") -> list[tuple[str, str]]:
    """The links of all groups, one after the other."""
    return [link for _, group in link_groups(made, folder) for link in group]


def _which(row):
    return _BOUND if row.kind == ENTERPRISE else "（A3）" if row.file.endswith("A3.pdf") else ""


def files_view(made: pd.DataFrame) -> pd.DataFrame:
    """Every file with its format, kind, town and pages."""
    names = made["file"].map(PurePosixPath)
    return pd.DataFrame({"名称": names.map(lambda name: readable(name.stem)), "格式": names.map(lambda name: _FORMATS[name.suffix]),
                         "种类": made["kind"], "镇街园区": made["town"], "页数": made["pages"]})


def missing_finding(made: pd.DataFrame) -> list[str]:
    """What has to be said of the files made: enterprises with more than one sheet, characters that the bundled font lacks."""
    lacking = "".join(dict.fromkeys("".join(made["missing"])))
    said = [f"随带字库没有这些字，PDF 里印成〓并在页脚写明，Word 文件不受影响：{'、'.join(lacking)}。"] if lacking else []
    return [*further_sheets(made), *said]


def further_sheets(made: pd.DataFrame) -> list[str]:
    """How many enterprises have more than a sheet, as a sentence; nothing where each has one."""
    own = made[(made["kind"] == ENTERPRISE) & made["file"].str.endswith(".pdf") & ~made["file"].str.endswith(f"/{BOUND}.pdf")]
    more = made[made["kind"] == FURTHER]["pages"].value_counts().sort_index()
    if more.empty:
        return []
    said = "、".join(f"{n} 页的 {k} 家" for n, k in more.items())
    return [f"清单企业 {len(own)} 家，每家一页自测表；其中 {more.sum()} 家可报的认定多、条款多，一页排不下的内容不删减，另成续页（{said}），与首页连着编页码。"]
