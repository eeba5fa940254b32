import contextlib
import io
import json
import os
import tempfile
import unittest
from pathlib import Path

from stub import Service
from subject import DriftGateCallback, GateFailed
from trainer import Trainer


class Case(unittest.TestCase):
    """A folder, services and runs that end with the test; what runs say is in ``self.said``."""

    def setUp(self):
        for name in [name for name in os.environ if name.startswith("DRIFTGATE_") and "TEST" not in name]:
            del os.environ[name]
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.out = self.folder / "out"
        self.out.mkdir()
        self.said = io.StringIO()
        quiet = contextlib.redirect_stderr(self.said)
        quiet.__enter__()
        self.addCleanup(quiet.__exit__, None, None, None)

    def environment(self, **values):
        for name, value in values.items():
            os.environ[name] = value
            self.addCleanup(os.environ.pop, name, None)

    def service(self, **how):
        service = Service(**how)
        self.addCleanup(lambda: service.closed.is_set() or service.close())
        return service

    def callback(self, service, **settings):
        url = service if isinstance(service, str) else service.url
        usual = {"url": url, "base": "demo", "run_ahead": 0, "timeout_s": 5, "grace_s": 0.3, "http_timeout_s": 2}
        return DriftGateCallback(**{**usual, **settings})

    def trainer(self, service, settings=None, **how):
        return Trainer(self.out, self.callback(service, **(settings or {})), **how)

    def ends(self, code, work):
        """The message with which the work ends the process."""
        with self.assertRaises(GateFailed) as caught:
            work()
        self.assertEqual(caught.exception.code, code, str(caught.exception))
        # Said once, since the exception itself prints nothing.
        self.assertEqual(self.said.getvalue().count(str(caught.exception)[:80]), 1, self.said.getvalue())
        self.said.truncate(0)
        return str(caught.exception)

    def record(self, step):
        return json.loads((self.out / "driftgate" / f"step-{step}.json").read_text())

    def verdict(self, step):
        return self.record(step)["verdict"]
