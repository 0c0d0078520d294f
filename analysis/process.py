"""Other programs: run one and listen, or become it."""

import os
import subprocess
import sys
import threading
import time
from collections import deque

LINES_KEPT = 200
# For kernels: linear algebra here is small, and threads that wait for each other over it cost ten times the work.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def run_tool(command, environment=None, tick=None):
    """Run a tool to its end; return its status and the last of its output, merged.

    Interrupting ends the tool too, so that nothing goes on installing behind the user.
    """
    lines = deque(maxlen=LINES_KEPT)
    process = subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        close_fds=False,
    )
    reader = threading.Thread(target=lambda: lines.extend(process.stdout), daemon=True)
    reader.start()
    try:
        while process.poll() is None:
            if tick:
                tick()
            time.sleep(0.05)
    except BaseException:
        process.terminate()
        process.wait()
        raise
    reader.join()
    if tick:
        tick(done=True)
    return process.returncode, "".join(lines)


def with_root(root):
    """The process environment with the project root on the import path of children."""
    known = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    paths = dict.fromkeys([str(root), *filter(None, known)])
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def become(command, environment):
    """Replace this process by another program; on Windows wait for it and take its status."""
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name != "nt":
        os.execve(command[0], command, environment)
    # On Windows exec gives the prompt back at once, while the command still runs.
    process = subprocess.Popen(command, env=environment)
    while True:
        try:
            sys.exit(process.wait())
        except KeyboardInterrupt:
            continue
