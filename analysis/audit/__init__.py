"""The audit: how sure is the rank, what moves it, and do the indicators belong together.

Names are imported on first use (PEP 562), so that a module is only loaded when asked
for. The exception is ``coherence``, which shares its name with its module: imported
here, the name is the function for everyone, whatever is imported afterwards.
"""

from importlib import import_module

from .coherence import coherence, thresholds

_MODULES = {
    "uncertainty": ("Uncertainty", "simulate"),
    "sensitivity": ("Sobol", "sobol", "sobol_indices", "standard_factors"),
    "influence": ("Alternatives", "LeaveOneOut", "alternative_schemes", "leave_one_out", "shift_counts"),
    "coherence": ("coherence", "thresholds"),
    "masked": ("implied_values", "rank_bounds", "rank_bounds_case", "rank_bounds_or_reason"),
    "recover": ("recover_weights",),
}
_HOME = {name: module for module, names in _MODULES.items() for name in names}

__all__ = sorted(_HOME)


def __getattr__(name):
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__():
    return sorted(set(globals()) | set(__all__))
