"""What is tested: the package, or with ``DRIFTGATE_TEST_SUBJECT`` the single file, under the same names."""

import importlib
import os
import sys

name = os.environ.get("DRIFTGATE_TEST_SUBJECT", "driftgate_trl")
if name == "driftgate_trl":
    importlib.import_module("driftgate_trl.cli")
    _modules = [
        sys.modules[f"driftgate_trl.{part}"] for part in ("verdicts", "client", "records", "gate", "callback", "cli")
    ]
else:
    _modules = [importlib.import_module(name)]

for _module in _modules:
    globals().update({key: value for key, value in vars(_module).items() if not key.startswith("__")})
