"""What one notebook of a run has worked out is there for the run's other notebooks.

A run that makes several notebooks of one case names a private folder in the environment (``ANALYSIS_RUN_MEMORY``) and
removes it when the case is done (see :mod:`analysis.report.jobs`); without it, as in JupyterLab, everything is computed
where it is asked for. What is kept is pickled: only processes of the run itself, of the same code and packages, read it.
"""

from __future__ import annotations

import contextlib
import hashlib
import inspect
import io
import mmap
import os
import pickle
import tempfile
from collections.abc import Callable
from functools import wraps
from pathlib import Path

import pandas as pd

FOLDER = "ANALYSIS_RUN_MEMORY"
_LARGE, _LINE = 100_000, 64  # bytes


def once_per_run(compute: Callable) -> Callable:
    """``compute(*args, **options)`` done once for equal arguments by all notebooks of a run.

    Arguments and result must be picklable and the result must follow from the arguments alone. Arguments are compared by
    what they hold: a difference that means nothing costs a computation, never a wrong answer. Whatever goes wrong
    with the folder (gone, full, unreadable) is the same as not having one. Errors are not kept.
    """
    order = inspect.signature(compute)

    @wraps(compute)
    def kept(*args, **options):
        path = _path(compute, order, args, options)
        if path is None:
            return compute(*args, **options)
        with contextlib.suppress(Exception):
            return _read(path)
        found = compute(*args, **options)
        with contextlib.suppress(Exception):
            data, arrays = _packed(found)
            _write(path, data, arrays)
            # Who computed it goes on with the same copy as who finds it, so that what is asked of it next compares equal too.
            return pickle.loads(data, buffers=arrays)
        return found

    return kept


def hand_on(folder: Path | str, compute: Callable, *args, found: object) -> None:
    """Keep in a run's folder what the process that starts the notebooks has computed already by ``compute(*args)``."""
    path = _path(compute, inspect.signature(compute), args, {}, folder)
    with contextlib.suppress(Exception):
        _write(path, *_packed(found))


def _path(compute, order, args, options, folder=None):
    """Where the answer is or would be kept; None without a folder, or for arguments that cannot be compared."""
    folder = folder or os.environ.get(FOLDER)
    if not folder:
        return None
    with contextlib.suppress(Exception):
        bound = order.bind(*args, **options)
        bound.apply_defaults()
        asked = hashlib.sha256(f"{compute.__module__}.{compute.__qualname__}".encode())
        asked.update(content(bound.arguments))
        return Path(folder) / asked.hexdigest()
    return None


class _ByContent(pickle.Pickler):
    """Nothing of which equal things are one object, nor of how a table lies in memory, which changes as it is used."""

    def reducer_override(self, thing):
        if isinstance(thing, pd.DataFrame):
            return tuple, ([dict(thing.attrs), thing.index.tolist(), *((name, str(column.dtype), column.tolist()) for name, column in thing.items())],)
        return NotImplemented


def content(thing: object) -> bytes:
    """What something holds, as bytes that are the same for equal things; raises where it cannot be pickled."""
    held = io.BytesIO()
    pickler = _ByContent(held, pickle.HIGHEST_PROTOCOL)
    pickler.fast = True
    pickler.dump(thing)
    return held.getvalue()


def _packed(thing):
    """The pickle of something, and the large arrays in it apart: draws by the ten thousand need not be copied to be written."""
    arrays = []
    data = pickle.dumps(thing, pickle.HIGHEST_PROTOCOL, buffer_callback=lambda held: held.raw().nbytes < _LARGE or arrays.append(held))
    return data, [held.raw() for held in arrays]


def _write(path, data, arrays):
    """Whole or not at all: another notebook may look at any moment. The sizes, the pickle, then each array on a whole line of memory."""
    handle, name = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            pickle.dump([len(data), *(held.nbytes for held in arrays)], file)
            for part in (data, *arrays):
                file.seek(-file.tell() % _LINE, os.SEEK_CUR)
                file.write(part)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def _read(path):
    """What :func:`_write` wrote; its arrays lie in the file until they are looked at, and may be changed without changing it."""
    with path.open("rb") as file:
        sizes, at, parts = pickle.load(file), file.tell(), []
        held = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY))
    for size in sizes:
        at += -at % _LINE
        parts.append(held[at:at + size])
        at += size
    return pickle.loads(parts[0], buffers=parts[1:])
