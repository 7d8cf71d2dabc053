"""Mount points of containers as folders of this machine.

AWS ("Use Amazon EFS volumes with Amazon ECS"): an EFS volume outlives its tasks, and an access
point's root directory is what a task sees of it. Anything else a container may write to goes with
its task.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sandbox.ecs import texts
from sandbox.ecs.backends import Backends


class Volumes:
    """Folders of file systems, and those of tasks."""

    def __init__(self, folder: Path, backends: Backends) -> None:
        self._folder, self._backends = folder, backends

    def mounts(self, task: Any, container: Mapping[str, Any], own: Path) -> dict[str, Path]:
        """The folder behind each path that a container may write to; ``own`` is the task's.

        Raises LookupError with ECS's words when a file system cannot be mounted.
        """
        volumes = {volume["name"]: volume for volume in task.volumes}
        found: dict[str, Path] = {}
        for point in container.get("mountPoints") or ():
            volume = volumes[point["sourceVolume"]]
            shared = volume.get("efsVolumeConfiguration")
            place = self._shared(shared) if shared else own / "volumes" / volume["name"]
            found[str(point["containerPath"])] = place
        for memory in (container.get("linuxParameters") or {}).get("tmpfs") or ():
            path = str(memory["containerPath"])
            found[path] = own / "memory" / path.strip("/")
        for place in found.values():
            place.mkdir(parents=True, exist_ok=True)
        return found

    def _shared(self, wanted: Mapping[str, Any]) -> Path:
        identity = str(wanted["fileSystemId"])
        system = self._backends.efs.file_systems_by_id.get(identity)
        if system is None or not system.number_of_mount_targets:
            raise LookupError(texts.cannot_mount(identity))
        root = str(wanted.get("rootDirectory") or "/")
        if point := (wanted.get("authorizationConfig") or {}).get("accessPointId"):
            access = self._backends.efs.access_points.get(point)
            if access is None or access.file_system_id != identity:
                raise LookupError(texts.cannot_mount(identity))
            root = str(access.root_directory.get("Path") or "/")
        return self._folder / identity / root.strip("/")

    def step(self) -> None:
        """What lay on a file system goes with it."""
        if self._folder.is_dir():
            for folder in self._folder.iterdir():
                if folder.name not in self._backends.efs.file_systems_by_id:
                    shutil.rmtree(folder)


def relocate(values: Mapping[str, str], mounts: Mapping[str, Path]) -> dict[str, str]:
    """Paths below mount points, in the values of an environment, as paths of this machine."""
    if not mounts:
        return dict(values)
    # all at once: what a path has become may lie below another mount point's name
    paths = "|".join(map(re.escape, sorted(mounts, key=len, reverse=True)))
    pattern = re.compile(rf"(?<![\w.-])(?:{paths})(?![\w.-])")
    return {
        name: pattern.sub(lambda match: str(mounts[match[0]]), value)
        for name, value in values.items()
    }
