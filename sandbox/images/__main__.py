"""The docker command of a machine without a container engine.

Understands what the pipeline calls: build, push, tag, login, logout, image inspect, version. The
images lie below the sandbox's folder (``SANDBOX_DIR``, or ``DOCKER_SANDBOX``).
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from pipeline.errors import Failure, failure
from sandbox.images.build import build
from sandbox.images.logins import Logins, state_folder
from sandbox.images.push import digest, push
from sandbox.images.store import Image, ImageStore

VERSION = "28.0.0"


def main(argv: list[str]) -> int:
    """Run one docker command; its exit code."""
    arguments = _parser().parse_args(argv)
    store = ImageStore(state_folder() / "images")
    try:
        return int(arguments.run(arguments, store))
    except Failure as problem:
        print(f"docker (sandbox): {problem}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="docker", description=__doc__)
    version = f"Docker version {VERSION}, build sandbox"
    parser.add_argument("-v", "--version", action="version", version=version)
    commands = parser.add_subparsers(required=True)
    _add_build(commands.add_parser("build"))
    nested = commands.add_parser("buildx").add_subparsers(required=True)
    _add_build(nested.add_parser("build"))

    pushed = commands.add_parser("push")
    pushed.add_argument("-q", "--quiet", action="store_true")
    pushed.add_argument("reference")
    pushed.set_defaults(run=_push)

    tagged = commands.add_parser("tag")
    tagged.add_argument("source")
    tagged.add_argument("target")
    tagged.set_defaults(run=_tag)

    login = commands.add_parser("login")
    login.add_argument("-u", "--username", default="")
    login.add_argument("-p", "--password", default="")
    login.add_argument("--password-stdin", action="store_true")
    login.add_argument("server", nargs="?", default="")
    login.set_defaults(run=_login)
    logout = commands.add_parser("logout")
    logout.add_argument("server", nargs="?", default="")
    logout.set_defaults(run=_logout)

    inspect = commands.add_parser("image").add_subparsers(required=True).add_parser("inspect")
    inspect.add_argument("-f", "--format", default="")
    inspect.add_argument("references", nargs="+")
    inspect.set_defaults(run=_inspect)
    return parser


def _add_build(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-t", "--tag", action="append", default=[])
    parser.add_argument("-f", "--file", default="")
    parser.add_argument("--build-arg", action="append", default=[])
    parser.add_argument("-q", "--quiet", action="store_true")
    for ignored in ("--platform", "--label", "--provenance", "--progress", "--target"):
        parser.add_argument(ignored, action="append")
    for ignored in ("--pull", "--no-cache", "--load"):
        parser.add_argument(ignored, action="store_true")
    parser.add_argument("context")
    parser.set_defaults(run=_build)


def _build(given: argparse.Namespace, store: ImageStore) -> int:
    context = Path(given.context).resolve()
    if not context.is_dir():
        raise failure("build", f"The build context {given.context} is no folder.")
    values = {}
    for pair in given.build_arg:
        name, equals, value = pair.partition("=")
        values[name] = value if equals else os.environ.get(name, "")
    file = Path(given.file).resolve() if given.file else context / "Dockerfile"

    def say(line: str) -> None:
        if not given.quiet:
            print(line, file=sys.stderr)

    image = build(context, file, values, given.tag, store, say)
    if given.quiet:
        print(f"sha256:{image.id}")
    return 0


def _push(given: argparse.Namespace, store: ImageStore) -> int:
    image = _known(given.reference, store)
    tag = given.reference.rpartition(":")[2]
    size = (image.folder / "config.json").stat().st_size
    found = push(given.reference, image, Logins(state_folder()))
    print(given.reference if given.quiet else f"{tag}: digest: {found} size: {size}")
    return 0


def _tag(given: argparse.Namespace, store: ImageStore) -> int:
    store.tag(given.target, _known(given.source, store).id)
    return 0


def _login(given: argparse.Namespace, _store: ImageStore) -> int:
    """An empty password is refused as docker does."""
    password = sys.stdin.read().strip() if given.password_stdin else given.password
    if not given.username or not password:
        raise failure("no-credentials", "docker login needs a user name and a password.")
    Logins(state_folder()).keep(given.server, given.username, password)
    print("Login Succeeded")
    return 0


def _logout(given: argparse.Namespace, _store: ImageStore) -> int:
    Logins(state_folder()).forget(given.server)
    print(f"Removing login credentials for {given.server}")
    return 0


def _inspect(given: argparse.Namespace, store: ImageStore) -> int:
    found, missing = [], []
    for reference in given.references:
        image = store.find(reference)
        if image is None:
            missing.append(reference)
        else:
            found.append(_described(image, store))
    if given.format:
        for entry in found:
            print(_formatted(given.format, entry))
    else:
        print(json.dumps(found, indent=4))
    for reference in missing:
        print(f"Error response from daemon: No such image: {reference}", file=sys.stderr)
    return 1 if missing else 0


def _described(image: Image, store: ImageStore) -> dict[str, Any]:
    names = sorted(name for name, identity in store.tags().items() if identity == image.id)
    config = image.config
    return {
        "Id": f"sha256:{image.id}",
        "RepoTags": names,
        "RepoDigests": [f"{name.rpartition(':')[0]}@{digest(image)}" for name in names],
        "Config": {
            "Env": [f"{name}={value}" for name, value in config.env.items()],
            "Cmd": config.command,
            "Entrypoint": config.entrypoint or None,
            "WorkingDir": config.workdir,
            "ExposedPorts": {f"{port}/tcp": {} for port in config.exposed},
        },
    }


def _formatted(template: str, entry: dict[str, Any]) -> str:
    """The two templates that scripts use."""
    first = entry["RepoDigests"][0] if entry["RepoDigests"] else ""
    known = {"{{.Id}}": entry["Id"], "{{index .RepoDigests 0}}": first}
    if template not in known:
        raise failure("usage", f"--format {template} is not understood; leave it out for JSON.")
    return str(known[template])


def _known(reference: str, store: ImageStore) -> Image:
    image = store.find(reference)
    if image is None:
        raise failure("build", f"There is no image {reference} on this machine.")
    return image


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
