"""Names of services inside the network, and file systems that outlive tasks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from ecs_app import image
from ecs_estate import Estate, wait

from sandbox.ecs.volumes import relocate


def registry(estate: Estate, name: str) -> tuple[Any, str, str]:
    """A Cloud Map service in a namespace of its own: client, id and ARN."""
    names = estate.client("servicediscovery")
    vpc = estate.ec2.create_vpc(CidrBlock="10.8.0.0/16")["Vpc"]["VpcId"]
    names.create_private_dns_namespace(Name="kw.internal", Vpc=vpc)
    (space,) = [n for n in names.list_namespaces()["Namespaces"] if n["Name"] == "kw.internal"]
    made = names.create_service(
        Name=name,
        NamespaceId=space["Id"],
        DnsConfig={"DnsRecords": [{"Type": "A", "TTL": 10}]},
    )["Service"]
    return names, str(made["Id"]), str(made["Arn"])


def test_a_name_leads_to_the_tasks_that_run_and_stays_the_same(estate: Estate) -> None:
    names, identity, arn = registry(estate, "behind")
    first, second = estate.definition("one"), estate.definition("two")
    behind = estate.service(first, serviceRegistries=[{"registryArn": arn}])
    estate.completed(behind, first)

    environment = [{"name": "URL", "value": "http://behind.kw.internal:8000/x"}]
    url, target, _ = estate.balancer()
    asking = estate.definition(environment=environment)
    front = estate.service(asking, target)
    estate.completed(front, asking)
    local = httpx.get(f"{url}/env/URL").text
    assert local.startswith("http://127.0.0.1:")
    assert local.endswith("/x")
    assert httpx.get(local).text == "one"

    estate.update(behind, taskDefinition=second)
    estate.completed(behind, second)
    wait(lambda: len(names.list_instances(ServiceId=identity)["Instances"]) == 1, 5)
    assert httpx.get(local).text == "two"
    (instance,) = names.list_instances(ServiceId=identity)["Instances"]
    (task,) = estate.tasks(behind)
    assert instance["Id"] == task["taskArn"].rpartition("/")[2]
    assert instance["Attributes"]["AWS_INSTANCE_IPV4"].startswith("10.")

    estate.remove(behind)
    assert names.list_instances(ServiceId=identity)["Instances"] == []
    with pytest.raises(httpx.HTTPError):
        httpx.get(local)
    estate.remove(front)


def mounting(estate: Estate, file_system: str, access_point: str) -> str:
    """A task definition that sees an access point of a file system at /data; its ARN."""
    answer = estate.ecs.register_task_definition(
        family="mounting",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="256",
        memory="512",
        volumes=[
            {
                "name": "data",
                "efsVolumeConfiguration": {
                    "fileSystemId": file_system,
                    "transitEncryption": "ENABLED",
                    "authorizationConfig": {"accessPointId": access_point, "iam": "ENABLED"},
                },
            }
        ],
        containerDefinitions=[
            {
                "name": "api",
                "image": image("one"),
                "portMappings": [{"containerPort": 8000}],
                "stopTimeout": 5,
                "mountPoints": [{"sourceVolume": "data", "containerPath": "/data"}],
                "linuxParameters": {"tmpfs": [{"containerPath": "/tmp", "size": 64}]},
                "environment": [
                    {"name": "PLACE", "value": "sqlite:////data/file.db"},
                    {"name": "SCRATCH", "value": "/tmp/scratch"},
                ],
            }
        ],
    )
    return str(answer["taskDefinition"]["taskDefinitionArn"])


def test_a_file_system_outlives_its_tasks_and_goes_when_it_is_deleted(estate: Estate) -> None:
    efs = estate.client("efs")
    system = efs.create_file_system(CreationToken="kept", Encrypted=True)["FileSystemId"]
    mounted = efs.create_mount_target(FileSystemId=system, SubnetId=estate.subnets[0])
    point = efs.create_access_point(
        ClientToken="kept", FileSystemId=system, RootDirectory={"Path": "/inside"}
    )["AccessPointId"]
    url, target, _ = estate.balancer()
    definition = mounting(estate, system, point)
    service = estate.service(definition, target)
    estate.completed(service, definition)
    folder = estate.state / "volumes" / system / "inside"
    assert httpx.get(f"{url}/env/PLACE").text == f"sqlite:///{folder}/file.db"
    scratch = Path(httpx.get(f"{url}/env/SCRATCH").text)
    assert scratch.parent.is_relative_to(estate.state / "tasks")
    # the sandbox of a test lies below /tmp, where the container has memory of its own
    assert Path(httpx.get(f"{url}/env/FILES").text).is_relative_to(estate.state / "images")
    (folder / "file.db").write_text("still there")

    estate.update(service, forceNewDeployment=True)
    wait(lambda: estate.primary(service)["rolloutState"] == "COMPLETED", 20)
    assert httpx.get(f"{url}/env/PLACE").text == f"sqlite:///{folder}/file.db"
    assert (folder / "file.db").read_text() == "still there"
    estate.remove(service)
    assert folder.is_dir()
    efs.delete_mount_target(MountTargetId=mounted["MountTargetId"])
    efs.delete_access_point(AccessPointId=point)
    efs.delete_file_system(FileSystemId=system)
    wait(lambda: not folder.exists(), 5)


def test_a_file_system_without_a_way_in_keeps_a_task_from_starting(estate: Estate) -> None:
    efs = estate.client("efs")
    system = efs.create_file_system(CreationToken="no way in", Encrypted=True)["FileSystemId"]
    point = efs.create_access_point(ClientToken="no way in", FileSystemId=system)["AccessPointId"]
    service = estate.service(mounting(estate, system, point))
    wait(lambda: estate.tasks(service, "STOPPED") != [], 10)
    assert "has an EFS mount target" in estate.tasks(service, "STOPPED")[0]["stoppedReason"]
    estate.remove(service)


@pytest.mark.parametrize(
    ("value", "here"),
    [
        ("/data", "/here"),
        ("sqlite:////data/x.db", "sqlite:////here/x.db"),
        ("/data-of-others", "/data-of-others"),
        ("https://host/data/x", "https://host/data/x"),
    ],
)
def test_only_paths_of_a_mount_are_moved(value: str, here: str) -> None:
    mounts = {"/data": Path("/here"), "/here": Path("/elsewhere")}
    assert relocate({"V": value}, mounts) == {"V": here}
