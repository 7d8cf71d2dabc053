"""The environment and the CLI configuration that every terraform run gets.

Providers come from a local mirror where one is, all others from their registry; a shared plugin
cache keeps one copy. The environment is a list of what Terraform may know, not of what it may not.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.adapters import tools
from pipeline.adapters.child import aws_places, child_environment

#: "init": the providers' checksums are computed by init alone. Otherwise by each command.
CHECK_PROVIDERS = "PIPELINE_CHECK_PROVIDERS"

NONE: Mapping[str, Any] = {}

#: How Go's runtime is set; whoever sets one of these decides.
_GO = ("GOGC", "GOMAXPROCS", "GOMEMLIMIT")

#: Where the SDKs would look for keys by themselves: nowhere.
_NO_OTHER_KEYS = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


def mirrored(mirror: Path) -> list[str]:
    """Source addresses of the providers that a mirror folder holds."""
    return sorted(
        "/".join(path.relative_to(mirror).parts)
        for path in mirror.glob("*/*/*")
        if path.is_dir() and "." in path.relative_to(mirror).parts[0]
    )


def cli_config(mirror: Path | None, cache: Path, overrides: Mapping[str, Path] = NONE) -> str:
    """The text of the CLI configuration file (Terraform: "CLI Configuration File").

    ``overrides`` are folders of unpacked providers by source address, taken as they are. Every
    way to a provider is named, since Terraform has ways of its own otherwise, one of which is a
    folder beside the configuration ("Implied Local Mirror Directories").
    """
    held = mirrored(mirror) if mirror is not None else []
    methods = []
    if overrides:
        folders = "".join(f'    "{name}" = "{folder}"\n' for name, folder in overrides.items())
        methods.append(f"  dev_overrides {{\n{folders}  }}")
    if held:
        names = ", ".join(f'"{name}"' for name in held)
        methods.append(
            f'  filesystem_mirror {{\n    path    = "{mirror}"\n    include = [{names}]\n  }}'
        )
        methods.append(f"  direct {{\n    exclude = [{names}]\n  }}")
    else:
        methods.append("  direct {}")
    lines = [f'plugin_cache_dir = "{cache}"', "disable_checkpoint = true"]
    lines += ["provider_installation {", *methods, "}"]
    return "\n".join(lines) + "\n"


def config_file() -> Path:
    """Write the CLI configuration once per content, in the user's cache folder."""
    text = cli_config(tools.provider_mirror(), _plugins())
    name = f"cli-{hashlib.sha256(text.encode()).hexdigest()[:12]}.tfrc"
    return _written(tools.cache_dir() / "terraform" / name, text)


def checked_by_init(data_dir: Path) -> Path | None:
    """A CLI configuration that takes the providers as init has checked them; None before an init.

    Terraform computes a provider's checksum anew for each command. With the 700 MB of AWS's that
    is most of a second, three times a plan and apply. It takes no checksum of a "development
    override" (Terraform: "CLI Configuration File"), so these name the very folders that init found
    right by the lock file. That trusts everybody who can write there in between.
    """
    found = {
        "/".join(folder.relative_to(data_dir / "providers").parts[:3]): folder
        for folder in sorted((data_dir / "providers").glob("*/*/*/*/*"))
    }
    if not found:
        return None
    text = cli_config(tools.provider_mirror(), _plugins(), found)
    name = f"checked-{hashlib.sha256(text.encode()).hexdigest()[:12]}.tfrc"
    return _written(data_dir / name, text)


def _plugins() -> Path:
    folder = tools.cache_dir() / "terraform" / "plugins"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _written(file: Path, text: str) -> Path:
    """The file, whose name stands for its text; nobody ever reads half of it."""
    if not file.exists():
        temporary = file.with_suffix(f".{os.getpid()}.{threading.get_ident()}")
        temporary.write_text(text)
        temporary.replace(file)
    return file


def environment(
    environ: Mapping[str, str], data_dir: Path, config: Path, credentials: Mapping[str, str] = NONE
) -> dict[str, str]:
    """The environment of a terraform run: a list of names, without a key of anything.

    ``credentials`` say where the AWS SDKs get theirs (:mod:`pipeline.adapters.aws.broker`). The
    home folder is an empty one, since a user's own holds the tokens of many tools.

    Each terraform command starts the provider, and much of what that takes is Go collecting
    garbage while the provider's schemas are built; letting the heap grow four times as far between
    collections saves about a fifth of the processor time.
    """
    home = data_dir / "home"
    ours = {
        "HOME": str(home),
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
        "CHECKPOINT_DISABLE": "1",
        "TF_DATA_DIR": str(data_dir),
        "TF_CLI_CONFIG_FILE": str(config),
    }
    go = {name: environ[name] for name in _GO if name in environ}
    listed = child_environment(environ) | aws_places(environ)
    return {"GOGC": "400"} | go | listed | _NO_OTHER_KEYS | dict(credentials) | ours
