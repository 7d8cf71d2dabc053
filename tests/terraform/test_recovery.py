"""A replaced graph store keeps what it knows, and docs/recovery.md's commands bring things back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from sandbox.client import Sandbox
from sandbox.layout import ACCOUNT, REGION
from tests.terraform.drill import BUCKET, NAME, PAGE, PASSWORD, STATE_KEY, Drill, ask, section
from tests.terraform.runbook import Shell, blocks
from tests.terraform.stacks import ADMIN, STATE_BUCKET, client
from tests.terraform.test_validations import example, root

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A local AWS of its own, since nothing here is taken away again."""
    with Sandbox.start(tmp_path_factory.mktemp("box"), only=("aws",)) as running:
        location = {"LocationConstraint": REGION}
        client("s3", running.aws_url).create_bucket(
            Bucket=STATE_BUCKET, CreateBucketConfiguration=location
        )
        yield running


@pytest.fixture(scope="module")
def drill(box: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Drill:
    folder = tmp_path_factory.mktemp("drill")
    ec2, iam = client("ec2", box.aws_url), client("iam", box.aws_url)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    zone = f"{REGION}a"
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.2.0/24", AvailabilityZone=zone)["Subnet"]
    group = ec2.create_security_group(VpcId=vpc, GroupName="drill", Description="tasks")["GroupId"]
    login = json.dumps({"username": "neo4j", "password": PASSWORD})
    secret = client("secretsmanager", box.aws_url).create_secret(
        Name="drill/neo4j", SecretString=login, Tags=[{"Key": "Environment", "Value": "drill"}]
    )["ARN"]
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    boundary = iam.create_policy(
        PolicyName="drill",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [everything]}),
    )["Policy"]["Arn"]
    topic = client("sns", box.aws_url).create_topic(Name="drill")["TopicArn"]
    network = {"vpc_id": vpc, "subnet_id": subnet["SubnetId"], "zone": zone}
    graph_store = {
        "name": NAME,
        "ami": ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"],
        "network": {**network, "subnet_cidr": "10.0.2.0/24"},
        "logs": {"prefix": "/drill/neo4j"},
        "client_security_group_id": group,
        "secret": {"arn": secret, "pattern": f"{secret[:-6]}??????"},
        "permissions_boundary": boundary,
    }
    backup = {"name": NAME, "topic_arn": topic, "permissions_boundary": boundary}
    written = {key: json.dumps(value) for key, value in graph_store.items()}
    changed = {"instance": "var.instance", "release": "var.release"}
    root(
        folder,
        [
            ("modules/neo4j", {**example("modules/neo4j"), **written, **changed}),
            (
                "modules/backup",
                {key: json.dumps(value) for key, value in backup.items()} | {"disposable": "true"},
            ),
        ],
    )
    (folder / "more.tf").write_text(
        f"""
        terraform {{
          backend "s3" {{
            bucket = "{STATE_BUCKET}"
            key    = "{STATE_KEY}"
            region = "{REGION}"
          }}
        }}

        variable "instance" {{
          type    = object({{ protection = bool, snapshot_id = optional(string) }})
          default = {{ protection = true }}
        }}

        variable "release" {{
          default = "5.26.30"
        }}

        output "it" {{
          value = module.m0
        }}
        """
    )
    s3 = client("s3", box.aws_url)
    enabled = {"Status": "Enabled"}
    s3.put_bucket_versioning(Bucket=STATE_BUCKET, VersioningConfiguration=enabled)
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration=enabled)
    environment = {
        **ADMIN,
        "AWS_ENDPOINT_URL": box.aws_url,
        "HOME": str(folder),
        "WORKSPACE": "drill",
    }
    made = Drill(folder, box, Shell(environment, folder / "variables"))
    made.terraform("init", "-reconfigure")
    made.terraform("apply", "-auto-approve")
    return made


def test_a_replaced_instance_keeps_volume_data_and_address(drill: Drill) -> None:
    instance, volume, ec2 = drill.output("instance_id"), drill.volume(), drill.client("ec2")
    with pytest.raises(ClientError, match="OperationNotPermitted"):
        ec2.terminate_instances(InstanceIds=[instance])
    ask(drill.neo4j(), "CREATE (:Fact {text: 'kept'})")

    told = drill.terraform("apply", "-auto-approve", "-var=release=5.26.31")
    steps = re.findall(r"^module\.m0\.(\S+): (Destroying|Creating)\.\.\.", told, re.M)
    assert steps == [
        ("aws_volume_attachment.data", "Destroying"),
        ("aws_instance.this", "Destroying"),
        ("aws_instance.this", "Creating"),
        ("aws_volume_attachment.data", "Creating"),
    ]
    assert drill.volume() == volume
    assert drill.output("instance_id") != instance
    [reservation] = ec2.describe_instances(InstanceIds=[drill.output("instance_id")])[
        "Reservations"
    ]
    assert reservation["Instances"][0]["PrivateIpAddress"] == "10.0.2.10"
    assert ask(drill.neo4j(), "MATCH (f:Fact) RETURN f.text") == ["kept"]
    assert "No changes." in drill.terraform("plan", "-var=release=5.26.31")


def test_the_graph_comes_back_from_last_night(drill: Drill) -> None:
    address = drill.neo4j()
    ask(address, "CREATE (:Fact {text: 'worth keeping'})")
    lost = drill.volume()
    point = drill.saved(f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/{lost}")
    ask(address, "MATCH (n) DETACH DELETE n")

    variables, table = section("First")
    drill.shell.run(variables)
    assert point in drill.shell.run(table)
    choose, save, see, *look = section("The graph store")
    line = drill.shell.run(choose)
    snapshot = point.rpartition("/")[2]
    assert line == f'graph_store = {{ restore_from = "{snapshot}" }}\n'
    assert "COMPLETED" in drill.shell.run(save)  # the damaged one is kept as well

    chosen = f'-var=instance={{ protection = true, snapshot_id = "{snapshot}" }}'
    told = drill.terraform("apply", "-auto-approve", chosen)
    replaced = re.findall(r"# (\S+) must be replaced", told)
    assert sorted(replaced) == [
        "module.m0.aws_ebs_volume.data",
        "module.m0.aws_instance.this",
        "module.m0.aws_volume_attachment.data",
    ]
    assert drill.volume() != lost
    assert drill.volume() in drill.shell.run(see)
    assert "worth keeping" in ask(drill.neo4j(), "MATCH (f:Fact) RETURN f.text")
    # the line may go again: nothing changes then
    assert "No changes." in drill.terraform("plan")
    for block in look:
        shown = drill.shell.run(block)
    assert snapshot in shown


def test_phoenixs_database_has_a_point_to_go_back_to(drill: Drill) -> None:
    rds = drill.client("rds")
    rds.create_db_instance(
        DBInstanceIdentifier=f"{NAME}-phoenix",
        DBInstanceClass="db.t4g.micro",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="phoenix",
        MasterUserPassword=PASSWORD,
    )
    point = drill.saved(f"arn:aws:rds:{REGION}:{ACCOUNT}:db:{NAME}-phoenix")
    drill.shell.run(section("First")[0])
    choose, see = section("Phoenix's database")
    line = drill.shell.run(choose).splitlines()[-1]
    snapshot = point.rpartition(":snapshot:")[2]
    assert line == f'phoenix = {{ restore_from = "{snapshot}" }}'
    # what Terraform does with that line
    rds.delete_db_instance(DBInstanceIdentifier=f"{NAME}-phoenix", SkipFinalSnapshot=True)
    rds.restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier=f"{NAME}-phoenix", DBSnapshotIdentifier=snapshot
    )
    assert drill.shell.run(see).startswith("available")


def test_deleted_and_overwritten_documents_come_back(drill: Drill) -> None:
    s3 = drill.client("s3")
    for key, texts in {"report.txt": ["first", "second"], "a letter.txt": ["dear"]}.items():
        for text in texts:
            s3.put_object(Bucket=BUCKET, Key=key, Body=text.encode())
    for key in ("report.txt", "a letter.txt"):
        s3.delete_object(Bucket=BUCKET, Key=key)

    def text(key: str) -> str:
        return str(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode())

    drill.shell.run(section("First")[0])
    deleted, undelete, before = section("Documents")
    assert "a letter.txt" in drill.shell.run(deleted)
    drill.shell.run(undelete)
    assert (text("report.txt"), text("a letter.txt")) == ("second", "dear")
    drill.shell.run(before)
    assert text("report.txt") == "first"


def test_secrets_come_back_with_their_values(drill: Drill) -> None:
    secrets = drill.client("secretsmanager")
    secrets.delete_secret(SecretId="drill/neo4j", RecoveryWindowInDays=7)
    drill.shell.run(section("First")[0])
    (back,) = section("A workspace that was destroyed")
    drill.shell.run(back)
    value = json.loads(secrets.get_secret_value(SecretId="drill/neo4j")["SecretString"])
    assert value["password"] == PASSWORD


@pytest.mark.parametrize("loss", ["deleted", "overwritten"])
def test_a_lost_state_comes_back(drill: Drill, loss: str) -> None:
    s3 = drill.client("s3")
    before = drill.resources()
    if loss == "deleted":
        s3.delete_object(Bucket=STATE_BUCKET, Key=STATE_KEY)
    else:
        body = json.dumps({"version": 4, "serial": 99, "lineage": "x", "resources": []})
        s3.put_object(Bucket=STATE_BUCKET, Key=STATE_KEY, Body=body.encode())
    assert drill.resources() == ""
    drill.shell.run(section("First")[0])
    versions, restore = section("The state")
    assert "True" in drill.shell.run(versions) or loss == "deleted"
    drill.shell.run(restore)
    assert drill.resources() == before


def test_every_command_of_the_page_was_run(drill: Drill) -> None:
    page = blocks(PAGE)
    assert {block for block in page if not block.only_aws} == drill.shell.ran
    marked = [block for block in page if block.only_aws]
    assert 0 < len(marked) < len(page) / 3
    assert all(len(block.only_aws.split()) > 5 for block in marked)  # each says why
