"""The command is made of the referee's files alone, whatever else lies at the repository's root."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.domain.referee import is_referee

ROOT = Path(__file__).parents[2]
#: What no library of ours has, and what one would take if it were there.
OPTIONAL = {"sitecustomize", "usercustomize", "brotli", "socks", "simplejson", "uvloop", "IPython"}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Our command in a checkout with a file for every module that Python could ask for."""
    for part in ("bin", "pipeline"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / part, tmp_path / part, ignore=ignored)
    libraries = [Path(p) for p in sys.path if p.endswith("site-packages")]
    installed = {entry.name.partition(".")[0] for p in libraries for entry in p.iterdir()}
    names = sys.stdlib_module_names | installed | OPTIONAL
    for name in (name for name in names if name.isidentifier() and name != "pipeline"):
        told = tmp_path / "imported"
        (tmp_path / f"{name}.py").write_text(f"open({str(told)!r}, 'a').write({name + chr(10)!r})")
    return tmp_path


@pytest.mark.parametrize("secret", ["", "x"])
@pytest.mark.parametrize("arguments", ["--help", "affected --help", "affected --base HEAD"])
def test_no_file_beside_the_command_is_imported(
    checkout: Path, arguments: str, secret: str
) -> None:
    """With a secret in its environment the command starts itself anew: the same holds then."""
    environ = os.environ | {
        "PIPELINE_PYTHON": sys.executable,
        "PYTHONPATH": str(checkout),
        "API_TOKEN": secret,
    }
    done = subprocess.run(
        [checkout / "bin" / "pipeline", *arguments.split()],
        cwd=checkout,
        env=environ,
        capture_output=True,
        text=True,
    )
    told = checkout / "imported"
    assert not told.exists(), told.read_text()
    if arguments.endswith("--help"):
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("Usage: pipeline")
    else:
        assert done.returncode == 2, done.stderr  # no repository


def test_the_scripts_of_the_referee_start_python_isolated() -> None:
    scripts = [ROOT / "bin/pipeline", *ROOT.glob(".github/**/*.sh")]
    assert len(scripts) > 1
    started = re.compile(r'^(?!\s*#).*python"? (?!-I )-', re.MULTILINE)
    for script in scripts:
        assert is_referee(script.relative_to(ROOT).as_posix())
        assert not started.search(script.read_text()), script
