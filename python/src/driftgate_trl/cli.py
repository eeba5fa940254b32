"""``python -m driftgate_trl``: asks whether a service can be used, or for the verdict on one checkpoint."""

from __future__ import annotations

import argparse
import json
import os
import re
import secrets
import sys
import tempfile
from typing import Any, Dict, List, Optional

from .client import Client, Problem
from .gate import Settings, TrainingGate
from .verdicts import EXIT_NOT_STARTED, GateFailed


def step_of(checkpoint: str) -> Optional[int]:
    """The step that a checkpoint of transformers says it is of, or that its name ends with."""
    try:
        with open(os.path.join(checkpoint, "trainer_state.json"), encoding="utf-8") as file:
            return int(json.load(file)["global_step"])
    except (OSError, ValueError, KeyError, TypeError):
        found = re.search(r"[-_](\d+)$", os.path.basename(os.path.normpath(checkpoint)))
        return int(found.group(1)) if found else None


def _given(options: argparse.Namespace, *names: str) -> Dict[str, Any]:
    return {name: value for name in names if (value := getattr(options, name)) is not None}


def _check(options: argparse.Namespace) -> int:
    url = options.url or os.environ.get("DRIFTGATE_URL", "")
    told = Client(url, os.environ.get("DRIFTGATE_TOKEN")).health()
    print(json.dumps({name: told.get(name) for name in ("api", "version", "status")}))
    return 0


def _submit(options: argparse.Namespace) -> int:
    step = options.step if options.step is not None else step_of(options.checkpoint)
    if step is None:
        raise ValueError(f"driftgate: {options.checkpoint} does not say which step it is of: give --step N")
    settings = Settings(
        **{
            "run_id": f"once-{secrets.token_hex(6)}",
            **_given(options, "url", "base", "profile", "policy", "run_id", "accept", "timeout_s"),
        }
    )
    with tempfile.TemporaryDirectory() as folder, TrainingGate(options.out or folder, settings) as gate:
        gate.start()
        gate.saved(step, options.checkpoint, final=True)
        gate.finish(step)
    return 0


def main(arguments: Optional[List[str]] = None) -> int:
    """Exit code 0 for an accepted verdict, 3 for any other, 4 when the service can't be asked, 64 for bad usage."""
    parser = argparse.ArgumentParser(prog="driftgate_trl", description="Asks a driftgate service.")
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="is the service there, and does it speak the same interface?")
    submit = commands.add_parser("submit", help="submit one checkpoint and wait for its verdict")
    submit.add_argument("checkpoint")
    for command in (check, submit):
        command.add_argument("--url", help="address of the service [DRIFTGATE_URL]")
    for name in ("base", "profile", "policy", "run-id", "accept"):
        submit.add_argument(f"--{name}", help=f"[DRIFTGATE_{name.upper().replace('-', '_')}]")
    submit.add_argument("--step", type=int, help="read from the checkpoint by default")
    submit.add_argument("--timeout", dest="timeout_s", type=float, metavar="SECONDS")
    submit.add_argument("--out", help="folder below which driftgate/step-N.json is written")
    try:
        options = parser.parse_args(arguments)
    except SystemExit as ended:
        return 64 if ended.code else 0
    try:
        return _check(options) if options.command == "check" else _submit(options)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 64
    except Problem as problem:
        print(f"driftgate: {problem}", file=sys.stderr)
        return EXIT_NOT_STARTED
    except GateFailed as failed:
        return int(str(failed.code))
