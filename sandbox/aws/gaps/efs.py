"""EFS: the policy of a file system can be taken away.

"Deletes the FileSystemPolicy for the specified file system. The default FileSystemPolicy goes into
effect once the existing policy is deleted" (EFS API reference, DeleteFileSystemPolicy).
"""

from __future__ import annotations

from typing import Any

from moto.efs.models import efs_backends

from sandbox.aws.access.principals import Principal
from sandbox.aws.answers import AwsError
from sandbox.aws.calls import Call
from sandbox.aws.gaps import Context, answers


@answers("efs:DeleteFileSystemPolicy")
def delete_policy(call: Call, _principal: Principal, context: Context) -> dict[str, Any]:
    identity = call.parameters()["FileSystemId"]
    backend = efs_backends[context.account][context.region]
    system = backend.file_systems_by_id.get(identity)
    if system is None:
        raise AwsError("FileSystemNotFound", f"File system '{identity}' does not exist.")
    system.file_system_policy = None
    return {}
