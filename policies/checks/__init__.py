"""Our checkov checks, one rule a file; docs/policies.md describes each."""

from pathlib import Path

# The checkov command imports what this list names (`--external-checks-dir`).
__all__ = [file.stem for file in Path(__file__).parent.glob("[!_]*.py")]
