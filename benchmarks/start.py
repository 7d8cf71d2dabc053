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
    """The list of commands and one command's help, beside Terraform's and an empty Python."""
    pipeline = ROOT / "bin" / "pipeline"
    listed, one, version, plan, python = in_turn(
        ROUNDS,
        _command(pipeline, "--help"),
        _command(pipeline, "affected", "--help"),
        _command(locate("terraform"), "version"),
        _command(locate("terraform"), "plan", "-help"),
        _command(sys.executable, "-c", "pass"),
    )
    first, second = "`bin/pipeline --help`", "`bin/pipeline affected --help`"
    return [
        Row("start", first, "`terraform version`", listed, version, within=0.150),
        Row("start", first, "`python -c pass`", listed, python, within=0.150),
        Row("start of one command", second, "`terraform plan -help`", one, plan, within=0.150),
    ]
