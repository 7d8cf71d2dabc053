"""How long the command takes to start, beside Terraform's and beside Python itself."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.measure import Row, in_turn
from pipeline.adapters.terraform_settings import config_file
from pipeline.adapters.tools import locate

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 31


def _command(*words: str | Path) -> Callable[[], object]:
    environ = os.environ | {"TF_CLI_CONFIG_FILE": str(config_file()), "CHECKPOINT_DISABLE": "1"}
    argv = [str(word) for word in words]
    return lambda: subprocess.run(argv, env=environ, capture_output=True, check=True)


def rows() -> list[Row]:
    """``bin/pipeline --help`` against ``terraform version`` and ``python -c pass``."""
    ours, terraform, python = in_turn(
        ROUNDS,
        _command(ROOT / "bin" / "pipeline", "--help"),
        _command(locate("terraform"), "version"),
        _command(sys.executable, "-c", "pass"),
    )
    name = "start of the command"
    return [
        Row(name, "`bin/pipeline --help`", "`terraform version`", ours, terraform, within=0.150),
        Row(name, "`bin/pipeline --help`", "`python -c pass`", ours, python, within=0.150),
    ]
