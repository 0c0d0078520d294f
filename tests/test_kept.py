"""What is kept about a thing is kept for that thing, for those arguments, and goes with it."""

from __future__ import annotations

import gc
from types import SimpleNamespace
from weakref import ref

import pandas as pd
import pytest

from analysis import assess_case, read_case
from analysis.audit import sensitivity
from analysis.kept import once_for_each
from analysis.plan import case_candidates
from analysis.recognition.screen import DUE, screen
from analysis.series import indicators, read_series
from analysis.weakness.climb import smallest_single_change
from analysis.weakness.levers import unit_worth
from analysis.weakness.location import matched_recognitions
from analysis.weakness.strengths import strengths


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


CASE = read_case("demo")
THINGS = {
    "assessment": (lambda: assess_case(CASE), (
        lambda a: sensitivity._usual_factors(a), lambda a: sensitivity._usual_models(a, None), lambda a: smallest_single_change(a, CASE.home),
        lambda a: unit_worth(a, CASE.home), lambda a: strengths(a, CASE.home))),
    "case": (lambda: read_case("demo"), (indicators, matched_recognitions, lambda case: read_series(case, indicators(case)["indicator"].iloc[0]))),
    "screening": (lambda: screen(CASE), (lambda s: case_candidates._wanted(s, frozenset(s.certifications), (DUE,)),)),
}


@pytest.mark.parametrize(("make", "asked"), [(make, asked) for make, every in THINGS.values() for asked in every])
def test_nothing_that_is_kept_holds_on_to_what_it_is_about(make, asked):
    thing = make()
    seen = ref(thing)
    asked(thing)
    del thing
    gc.collect()
    assert seen() is None


def test_what_is_compared_by_its_contents_is_worked_on_every_time(work):
    thing = SimpleNamespace(a=1)
    work(thing), work(thing)
    assert len(work.done) == 2
