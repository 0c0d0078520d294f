"""Index pages: one for a case, one over all cases, both from manifests."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from analysis.report import files, html, manifest
from analysis.report.outputs import HEADLINE_MIME, ILLUSTRATIVE, KEYS_MIME

SHOWN_KEYS, SHOWN_HEADS = 4, 5
DONE, FAILED = "完成", "未完成"
FOLDERS = {"lists": "行动清单工作簿", "handouts": "讲义和自测表"}
SUBFOLDERS = {"镇街": "各镇街园区", "企业": "企业条件自测表", files.CHANGED: "上期改动过的文件"}


def collect_headlines(nb: object) -> dict[str, list]:
    """Sentences and key figures that a notebook recorded with show.headline and show.keys."""
    sentences: list[str] = []
    keys: list[dict] = []
    for cell in nb.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            sentences += data.get(HEADLINE_MIME, {}).get("sentences", [])
            keys += data.get(KEYS_MIME, {}).get("keys", [])
    return {"sentences": sentences, "keys": keys}


def local_time(stamp: str) -> str:
    """2026-01-31T08:05:09+08:00 as 2026年1月31日 08:05."""
    date, _, clock = stamp.partition("T")
    year, month, day = (int(part) for part in date.split("-"))
    return f"{year}年{month}月{day}日 {clock[:5]}"


def facts(content: Mapping) -> list[tuple[str, str]]:
    """The footer of every page of a case."""
    versions = content["versions"]
    inputs = content["inputs"]
    first = inputs[0] if inputs else {"文件": "", "sha256": content["sha256"]}
    more = f" 等 {len(inputs)} 个文件" if len(inputs) > 1 else ""
    return [
        ("生成时间", local_time(content["started"])),
        ("输入", f"{first['文件']}{more}，SHA-256 {content['sha256'][:12]}…"),
        ("代码", f"SHA-256 {content['code'][:12]}…"),
        ("软件", "，".join(f"{name} {versions[name]}" for name in ("python", "pandas", "numpy", "matplotlib", "papermill", "nbconvert")
                         if name in versions)),
    ]


def undone(item: Mapping) -> str:
    """Why a notebook was left out: ``未做：本案例没有“时间序列”表``, or the ``why`` it was left out for."""
    if item.get("why"):
        return f"未做：{item['why']}"
    return f"未做：本案例没有{'、'.join(f'“{sheet}”' for sheet in item['sheets'])}表"


def _cards(content: Mapping) -> list[dict]:
    cards = []
    for item in content["notebooks"]:
        ok = item["status"] == DONE
        cards.append({
            "ok": ok, "href": item["html"], "title": item["title"], "state": item["status"],
            "detail": f"用时 {item['seconds']:.1f} 秒" + (f"（没有变化，沿用 {local_time(item['reused'])} 的结果）" if item.get("reused") else ""), "error": "" if ok else item["error"],
            "illustrative": False,
            "sentences": item["sentences"], "keys": item["keys"][:SHOWN_KEYS],
        })
    return cards


def _shelves(name: str, content: Mapping) -> list[dict]:
    """The files of a folder under readable headings; what belongs to one place or enterprise is folded below the heading of its kind."""
    kept = "（沿用上期，这次没有重新生成）" if name in content.get("kept", ()) else ""
    shelves = []
    for group in content["listing"].get(name, ()):
        first, *places = group["name"].split("/") if group["name"] else ("",)
        heading = "：".join(filter(None, [FOLDERS.get(name, name), SUBFOLDERS.get(first, first)])) + kept
        folded = bool(places) or first == files.CHANGED
        shelves.append({"heading": heading, "title": " · ".join(places) or SUBFOLDERS.get(first, first), "files": group["files"], "folded": folded})
    return shelves


def case_page(content: Mapping, on_missing: Callable[[str], object]) -> str:
    """``reports/<case>/index.html``; ``on_missing`` is told the characters the embedded font lacks."""
    links = [(item["notebook"], f"{item['title']}：中断处的计算过程（用 JupyterLab 打开）")
             for item in content["notebooks"] if item["notebook"]]
    links.append((manifest.NAME, "本次生成的完整记录（输入、参数、版本、文件校验值）"))
    subtitle = " · ".join(filter(None, (content["city"], content["year"] and f"{content['year']} 年度", content["nature"])))
    warned = f"输入数据有 {content['problems']} 条提示，见运行时的输出，或用 check 命令查看。" if content["problems"] else ""
    skipped = "".join(f"{item['title']} {undone(item)}。" for item in content.get("skipped", ()))
    known = list(FOLDERS)
    names = sorted(content.get("folders", ()), key=lambda name: (known.index(name) if name in known else len(known), name))
    folders = [group for name in names for group in sorted(_shelves(name, content), key=lambda group: group["folded"])]
    for before, group in zip([{}, *folders], folders, strict=False):
        group["new"] = group["heading"] != before.get("heading")
    return html.render_page(
        "index.html.j2", title=content["title"], subtitle=subtitle, folders=folders, illustrative=content["illustrative"],
        banner=ILLUSTRATIVE + "。", message=warned + skipped, cards=_cards(content), links=links, facts=facts(content),
        nav=[("../index.html", "全部案例"), ("", "本案例")], on_missing=on_missing,
    )


def _heads(notebooks: Sequence[Mapping]) -> list[str]:
    """What a case has to say in a few lines: the first sentence of every notebook, of few notebooks two each."""
    speaking = [item["sentences"] for item in notebooks if item["sentences"]]
    each = 2 if 2 * len(speaking) <= SHOWN_HEADS else 1
    return [sentence for said in speaking for sentence in said[:each]][:SHOWN_HEADS]


def root_page(contents: Mapping[str, Mapping], on_missing: Callable[[str], object]) -> str:
    """``reports/index.html``: ``contents`` maps a folder name to its manifest."""
    cards = []
    for folder, content in contents.items():
        notebooks = content["notebooks"]
        failed = sum(item["status"] != DONE for item in notebooks)
        nature = f"{content['nature']}；" if content["nature"] else ""
        cards.append({
            "ok": not failed, "href": f"{folder}/index.html", "title": content["title"],
            "state": (f"{failed} 篇未完成" if failed else f"{len(notebooks)} 篇完成")
                     + (f"，{len(content['skipped'])} 篇未做" if content.get("skipped") else ""),
            "detail": f"{nature}{local_time(content['finished'])} 生成",
            "error": "", "illustrative": content["illustrative"], "sentences": _heads(notebooks), "keys": [],
        })
    return html.render_page(
        "index.html.j2", title="考核研判报告", subtitle=f"共 {len(cards)} 个案例", illustrative=False, banner="", folders=(),
        message="" if cards else "还没有生成过报告。", cards=cards, links=(), on_missing=on_missing,
    )


def write_root_index(out: Path, on_missing: Callable[[str], object]) -> Path:
    """Rewrite ``index.html`` over all cases found in ``out``, in one step."""
    contents = {}
    for path in sorted(out.iterdir()):
        content = manifest.read(path) if path.is_dir() and not path.name.startswith(".") else None
        if content is not None and "notebooks" in content:
            contents[path.name] = content
    target = out / "index.html"
    aside = out / f".index.{os.getpid()}.html"
    aside.write_text(root_page(contents, on_missing), encoding="utf-8")
    os.replace(aside, target)
    return target
