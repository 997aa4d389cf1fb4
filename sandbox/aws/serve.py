"""Serves an application as `python -m hypercorn` does, and ends when the pipe that it has as standard input, if it has one, is closed: its parent is gone then."""

import os
import runpy
import signal
import stat
import threading


def watch():
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


mode = os.fstat(0).st_mode
if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
    threading.Thread(target=watch, daemon=True).start()
runpy.run_module("hypercorn", run_name="__main__")
