"""Unpack artifacts of the run. Source: the README of actions/download-artifact v4."""

import fnmatch
import os
import sys
import zipfile
from pathlib import Path


def kept(folder: Path) -> dict[str, Path]:
    """The newest artifact of each name; later attempts hide earlier ones."""
    attempts = sorted((p for p in folder.glob("*") if p.name.isdigit()), key=lambda p: int(p.name))
    return {file.stem: file for attempt in attempts for file in sorted(attempt.glob("*.zip"))}


def main() -> int:
    name, pattern = os.environ["INPUT_NAME"], os.environ["INPUT_PATTERN"]
    target = Path(os.environ["GITHUB_WORKSPACE"], os.environ["INPUT_PATH"])
    artifacts = kept(Path(os.environ["SANDBOX_ARTIFACTS"]))
    if name:
        if name not in artifacts:
            print(f"::error::Unable to download artifact(s): Artifact not found for name: {name}")
            return 1
        artifacts = {name: artifacts[name]}
    elif pattern:
        artifacts = {n: a for n, a in artifacts.items() if fnmatch.fnmatchcase(n, pattern)}
    flat = bool(name) or os.environ["INPUT_MERGE_MULTIPLE"] == "true"
    target.mkdir(parents=True, exist_ok=True)
    for each, file in artifacts.items():
        with zipfile.ZipFile(file) as archive:
            archive.extractall(target if flat else target / each)
        print(f"Artifact {each} was downloaded")
    print(f"Total of {len(artifacts)} artifact(s) downloaded")
    with Path(os.environ["GITHUB_OUTPUT"]).open("a") as output:
        output.write(f"download-path={target}\n")
    return 0


sys.exit(main())
