"""What one notebook of a run has worked out is not worked out again by another, and never instead of the right answer."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from test_report_batch import PARAMETERS, notebook, project, run  # noqa: F401 - project is a fixture

from analysis import actions, read_case
from analysis.case import keep_for_notebooks
from analysis.run_memory import FOLDER, once_per_run

ROOT = Path(__file__).parents[1]
DONE: list[tuple] = []


@once_per_run
def squared(table: pd.DataFrame, power: int = 2, *, names: tuple = ()) -> pd.DataFrame:
    DONE.append((power, names))
    if power < 0:
        raise ValueError("负的")
    return table**power


@pytest.fixture()
def memory(tmp_path, monkeypatch):
    monkeypatch.setenv(FOLDER, str(tmp_path))
    DONE.clear()
    return tmp_path


TABLE = pd.DataFrame({"甲": [1.0, 2.0]})


def test_equal_arguments_are_computed_once_however_they_are_given(memory):
    first = squared(TABLE)
    assert squared(TABLE.copy(), power=2).equals(first) and squared(table=TABLE, names=()).equals(TABLE**2) and len(DONE) == 1
    assert squared(TABLE, 3).equals(TABLE**3) and squared(TABLE + 1).equals((TABLE + 1)**2) and squared(TABLE, names=("乙",)).equals(first) and len(DONE) == 4


def test_what_is_changed_afterwards_changes_nothing_for_others(memory):
    found = squared(TABLE)
    found.loc[0, "甲"] = 99.0
    assert squared(TABLE).equals(TABLE**2)


@once_per_run
def drawn(seed: int) -> dict:
    DONE.append(seed)
    draws = np.random.default_rng(seed).random((40_000, 3))
    fixed = draws[:, 0].copy()
    fixed.flags.writeable = False
    return {"draws": draws, "turned": np.asfortranarray(draws), "every other": draws[::2], "fixed": fixed, "small": draws[0].copy(),
            "table": pd.DataFrame(draws, columns=list("甲乙丙"))}


def test_large_arrays_come_back_as_they_were_and_changing_them_changes_nothing_for_others(memory):
    expected = drawn.__wrapped__(1)
    for turn in range(3):
        found = drawn(1)
        assert DONE == [1, 1] and found.keys() == expected.keys()
        for name, value in expected.items():
            assert np.array_equal(found[name], value), name
            if name not in ("table", "fixed"):
                assert found[name].flags.writeable and found[name].flags.f_contiguous == (value.flags.f_contiguous), name
        assert not found["fixed"].flags.writeable
        found["draws"][:] = turn
        found["table"].loc[:, "甲"] = turn
    path = next(memory.iterdir())
    path.write_bytes(path.read_bytes()[:-1000])
    assert np.array_equal(drawn(1)["draws"], expected["draws"]) and DONE == [1, 1, 1]


def test_errors_are_not_kept(memory):
    for _ in range(2):
        with pytest.raises(ValueError):
            squared(TABLE, -1)
    assert len(DONE) == 2 and not list(memory.iterdir())


def test_without_a_folder_everything_is_computed(monkeypatch):
    DONE.clear()
    for value in (None, ""):
        monkeypatch.delenv(FOLDER, raising=False) if value is None else monkeypatch.setenv(FOLDER, value)
        assert squared(TABLE).equals(TABLE**2)
    assert len(DONE) == 2


@pytest.mark.parametrize("wrong", ["gone", "cut", "a file"])
def test_a_folder_that_is_of_no_use_is_as_none(memory, monkeypatch, wrong):
    squared(TABLE)
    if wrong == "gone":
        monkeypatch.setenv(FOLDER, str(memory / "gone"))
    elif wrong == "cut":
        for path in memory.iterdir():
            path.write_bytes(path.read_bytes()[:20])
    else:
        monkeypatch.setenv(FOLDER, str(next(memory.iterdir())))
    assert squared(TABLE).equals(TABLE**2) and len(DONE) == 2


def test_arguments_that_cannot_be_compared_are_computed(memory):
    @once_per_run
    def called(how):
        return how()

    assert called(lambda: 5) == 5 and not list(memory.iterdir())


def test_another_process_finds_the_case_and_the_lists_and_they_are_the_same(memory, tmp_path):
    code = "from analysis import actions, read_case; import pickle, sys; d = actions.work(read_case('demo')); sys.stdout.buffer.write(pickle.dumps(d.lists.rows))"
    made = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, env=os.environ | {"PYTHONPATH": str(ROOT)})
    kept = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    desk = actions.work(read_case("demo"), date="")
    assert len(kept) == 2  # the case, and its lists; what is asked for with date="" is another question
    again = actions.work(read_case("demo"))
    assert {path.name for path in tmp_path.iterdir()} - set(kept) and all((tmp_path / name).stat().st_mtime_ns == when for name, when in kept.items())
    assert again.lists.rows.equals(desk.lists.rows) and again.lists.rows.equals(pickle.loads(made.stdout))


def test_the_case_read_by_the_run_is_there_for_its_notebooks(tmp_path, monkeypatch):
    monkeypatch.delenv(FOLDER, raising=False)
    first = read_case("demo")
    keep_for_notebooks(first, tmp_path)
    kept = [path.name for path in tmp_path.iterdir()]
    monkeypatch.setenv(FOLDER, str(tmp_path))
    monkeypatch.setattr("analysis.case.read_tables", None)  # nothing is read again
    again = read_case("demo")
    assert len(kept) == 1 and [path.name for path in tmp_path.iterdir()] == kept
    assert again.path == first.path and again.problems == first.problems and all(again.tables[key].equals(first.tables[key]) for key in first.tables)
    with pytest.raises(TypeError):
        read_case("anhui-2016")


def test_notebooks_of_a_run_share_what_they_worked_out_and_nothing_is_left(project, tmp_path, monkeypatch):  # noqa: F811
    source = ("import sys\nsys.path.insert(0, {tests!r})\nfrom test_run_memory import TABLE, squared, DONE\n"
              "squared(TABLE)\nwith open({log!r}, 'a') as log:\n    print(len(DONE), file=log)").format(tests=str(ROOT / "tests"), log=str(tmp_path / "log"))
    for name in ("01_a", "02_b", "03_c"):
        notebook(project / f"notebooks/{name}.ipynb", source, parameters=PARAMETERS)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    result, said = run(["demo"], workers=1)
    assert result.exit_status == 0, said
    assert (tmp_path / "log").read_text().split() == ["1", "0", "0"]
    assert not list(tmp_path.glob("nb-*"))
