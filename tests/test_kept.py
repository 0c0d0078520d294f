"""What is kept about a thing is kept for that thing, for those arguments, and goes with it."""

from __future__ import annotations

import gc
from types import SimpleNamespace
from weakref import ref

import pandas as pd
import pytest

from analysis.kept import once_for_each


class Thing:
    pass


@pytest.fixture()
def work():
    done: list[tuple] = []

    @once_for_each
    def work(thing, name: str = "甲", table: pd.DataFrame | None = None) -> pd.DataFrame:
        done.append((name, None if table is None else int(table["x"].sum())))
        if name == "坏":
            raise ValueError(name)
        return pd.DataFrame({"x": [1, 2]})

    work.done = done
    return work


def test_it_is_done_once_for_each_thing_and_equal_arguments(work):
    one, other, table = Thing(), Thing(), pd.DataFrame({"x": [3]})
    work(one), work(one, "甲"), work(one, name="甲", table=None)
    assert len(work.done) == 1
    work(other), work(one, "乙"), work(one, table=table), work(one, table=table.copy()), work(one, table=table + 1)
    assert work.done == [("甲", None), ("甲", None), ("乙", None), ("甲", 3), ("甲", 4)]


def test_what_a_caller_does_to_its_table_is_its_own(work):
    thing = Thing()
    own = work(thing)
    own.loc[0, "x"] = 99
    own["y"] = 0
    assert work(thing).equals(pd.DataFrame({"x": [1, 2]})) and len(work.done) == 1


def test_answers_go_with_their_thing_and_errors_are_not_kept(work):
    thing = Thing()
    seen = ref(thing)
    for _ in range(2):
        with pytest.raises(ValueError):
            work(thing, "坏")
    work(thing)
    assert len(work.done) == 3
    del thing
    gc.collect()
    assert seen() is None


def test_what_is_compared_by_its_contents_is_worked_on_every_time(work):
    thing = SimpleNamespace(a=1)
    work(thing), work(thing)
    assert len(work.done) == 2
