"""The kept programme against SciPy's on random cases, one call after the other."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import linprog

from analysis.plan.programme import Programme


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 12), st.integers(0, 8))
def test_each_call_gives_the_least_value_whatever_was_asked_before(seed, size, count):
    rng = np.random.default_rng(seed)
    rows = rng.integers(-3, 4, (count, size)) * (rng.random((count, size)) < 0.6)
    upper, price = rng.integers(-2, 6, count).astype(float), rng.normal(size=size)
    programme = Programme(sparse.csr_array(rows.astype(float)), upper, price)
    for _ in range(6):
        least = (rng.random(size) < 0.2).astype(float)
        most = np.maximum(least, rng.random(size) < 0.8)
        ours = programme.best(least, most)
        theirs = linprog(price, A_ub=rows if count else None, b_ub=upper if count else None, bounds=np.column_stack([least, most]), method="highs")
        assert (ours is None) == (theirs.x is None)
        if ours is not None:
            assert ours.value == pytest.approx(theirs.fun, abs=1e-7) and price @ ours.x == pytest.approx(ours.value, abs=1e-7)
            assert (rows @ ours.x <= upper + 1e-6).all() and (ours.x >= least - 1e-7).all() and (ours.x <= most + 1e-7).all()


def test_duals_and_reduced_costs_are_those_of_an_independent_solver():
    rng = np.random.default_rng(5)
    rows, upper, price = rng.random((4, 9)), np.full(4, 1.5), -rng.random(9)
    ours = Programme(sparse.csr_array(rows), upper, price).best(np.zeros(9), np.ones(9))
    theirs = linprog(price, A_ub=rows, b_ub=upper, bounds=(0, 1), method="highs")
    assert ours.dual == pytest.approx(theirs.ineqlin.marginals)
    assert ours.reduced == pytest.approx(theirs.lower.marginals + theirs.upper.marginals)


def test_nothing_is_printed(capfd):
    Programme(sparse.csr_array(np.ones((1, 3))), np.ones(1), -np.ones(3)).best(np.zeros(3), np.ones(3))
    assert capfd.readouterr() == ("", "")
