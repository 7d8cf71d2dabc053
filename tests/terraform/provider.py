"""One process of the AWS provider for many commands; `terraform test` starts it for each run."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sandbox.ecs.spawn import signal_group, spawn

#: Terraform: "Debugging Providers"; what the provider prints when it is started with -debug.
VARIABLE = "TF_REATTACH_PROVIDERS"
SECONDS = 60.0


@contextmanager
def staying_provider(data: Path, environ: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """The variable by which Terraform finds it; ``data`` is the TF_DATA_DIR after an init."""
    folder = data / "providers" / "registry.terraform.io" / "hashicorp" / "aws"
    program = next(folder.glob("*/*/terraform-provider-aws*"))
    log = data / "provider.log"
    with log.open("wb") as output:
        process = spawn([str(program), "-debug"], cwd=data, env=environ, stdout=output.fileno())
    try:
        yield {VARIABLE: _told(log, process)}
    finally:
        signal_group(process, signal.SIGTERM)
        process.wait(SECONDS)


def _told(log: Path, process: subprocess.Popen[bytes]) -> str:
    end = time.monotonic() + SECONDS
    while True:
        _, found, rest = log.read_text().partition(f"{VARIABLE}='")
        value, whole, _ = rest.partition("'\n")
        if found and whole:
            return value
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < end, "the provider does not say where it is"
        time.sleep(0.1)
