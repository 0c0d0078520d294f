# -*- coding: utf-8 -*-
"""District performance assessment: from a city's workbook to ranking, causes and action.

Names are imported on first use (PEP 562), so that ``import analysis`` needs nothing but
the standard library and the command line can start before the environment exists.
The syntax here stays readable for any Python, so that an old one reaches the message
in ``__main__`` instead of a SyntaxError.
"""

__version__ = "0.1.0"

_MODULES = {
    "case": (
        "Case",
        "bundled_cases",
        "check_case",
        "find_case",
        "prepare_case",
        "read_case",
    ),
    "problems": ("CaseError", "Problem"),
    "assessment": ("Assessment", "assess", "assess_case"),
    "reconcile": ("Reconciliation", "reconcile_case"),
    "report": ("run_cases",),
}
_HOME = dict((name, module) for module, names in _MODULES.items() for name in names)

__all__ = sorted(_HOME) + ["__version__"]


def __getattr__(name):
    if name not in _HOME:
        raise AttributeError("module 'analysis' has no attribute %r" % name)
    from importlib import import_module

    value = getattr(import_module("analysis." + _HOME[name]), name)
    globals()[name] = value
    return value


def __dir__():
    return sorted(set(globals()) | set(__all__))
