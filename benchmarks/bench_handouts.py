"""Handouts of the demo: content, PDF and Word; pages a second and how much of a sheet they fill (bar: 15 towns and 220 enterprises well under 30 s).

    OMP_NUM_THREADS=1 python benchmarks/bench_handouts.py
"""

import os
import sys
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from analysis import assess_case, read_case
from analysis.actions.desk import work
from analysis.handouts import handouts, write_handouts
from analysis.handouts.typeset import Typesetter
from analysis.handouts.word import word

FIRMS = 220


def timed(what, pages, make):
    wall, cpu = time.perf_counter(), time.process_time()
    made = make()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"{what}: {wall:.1f} s ({cpu:.1f} s CPU), {pages} pages, {pages / wall:.0f} a second ({pages / cpu:.0f} a CPU second)")
    return made


def main():
    warnings.simplefilter("ignore")
    case = read_case("demo")
    desk = work(case)
    assessment = assess_case(case)
    content = timed("content", desk.lists.rows["row"].nunique() + len(desk.lists.towns), lambda: handouts(desk.screening, case, desk.lists, desk.plan, assessment))
    typesetter = Typesetter(content.day)
    typesetter.set([content.poster])
    some = content.enterprises[:FIRMS]
    _, fits = timed("PDF, one file, fitted", len(some), lambda: typesetter.set(some))
    timed("PDF, one file, fit known", len(some), lambda: typesetter.set(some, fits))
    timed("PDF, a file each, fitted", 60, lambda: [typesetter.set([page]) for page in content.enterprises[-60:]])
    timed("Word, one file", len(some), lambda: word(some, fits, content.day))
    print("variant and size:", dict(sorted(Counter((fit.variant, fit.size) for fit in fits).items())))
    rows = [page.row for page in some]
    with tempfile.TemporaryDirectory() as folder:
        for what, options in (("PDF", {"docx": False}), ("PDF and Word", {})):
            pages = len(content.towns) + 2 * len(some) + len(content.worksheet) + 1
            timed(f"write_handouts, {what}, {len(content.towns)} towns and {len(some)} enterprises, each alone and bound", pages,
                  lambda: write_handouts(content, Path(folder) / what, enterprises=rows, **options))


if __name__ == "__main__":
    main()
