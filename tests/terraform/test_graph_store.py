"""The life of a graph store from its first boot on, with the real Neo4j."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from neo4j import GraphDatabase
from neo4j.exceptions import AuthError

from sandbox.client import Sandbox
from tests.terraform.lives import Life
from tests.terraform.machine import Machine
from tests.terraform.schemas import EMF

pytestmark = pytest.mark.slow

FIRST, SECOND, THIRD = "first-password-of-the-graph", 'second "\\ password', "third-password-of-it"


@pytest.fixture(scope="module")
def life(box: Sandbox, user_data: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    life = Life(tmp_path_factory.mktemp("life"), user_data, box.aws_url)
    yield life
    for machine in life.machines[-1:]:
        machine.stop()


def test_a_new_volume_gets_a_file_system_and_the_first_password(life: Life) -> None:
    life.put(FIRST)
    machine = life.launch()
    done = machine.boot()
    assert done.returncode == 0, done.stdout + done.stderr
    called = machine.called("dnf", "mkfs.xfs", "mount", "neo4j-admin", "chown", "systemctl")
    data = machine.root / "var/lib/neo4j/data"
    assert called == [
        "dnf install -y amazon-cloudwatch-agent jq",
        f"mkfs.xfs {life.volume.disk}",
        f"mount {data}",
        "dnf install -y java-21-amazon-corretto-headless",
        "dnf install -y neo4j-5.26.30",
        f"neo4j-admin dbms set-initial-password {FIRST}",
        f"chown -R neo4j:neo4j {data}",
        "systemctl daemon-reload",
        "systemctl enable neo4j",
        "systemctl restart neo4j",
        "systemctl enable --now neo4j-health.timer neo4j-metrics.timer",
    ]
    [line] = (machine.root / "etc/fstab").read_text().splitlines()
    assert re.fullmatch(
        f"UUID=[0-9a-f-]{{36}} {data} xfs defaults,nofail,x-systemd.growfs 0 2", line
    )
    assert life.ask(FIRST, "CREATE (:Fact {text: 'kept'}) RETURN 1") == [1]
    assert FIRST not in done.stdout + done.stderr


def test_its_settings_take_the_place_of_the_packages(life: Life) -> None:
    conf = (life.machines[-1].root / "etc/neo4j/neo4j.conf").read_text().splitlines()
    names = [line.split("=")[0] for line in conf]
    doubled = {name for name in names if names.count(name) > 1}
    assert doubled == {"server.jvm.additional"}  # the one that Neo4j takes several times
    assert "server.directories.data=/var/lib/neo4j/data" in conf
    assert "server.jvm.additional=--add-opens=java.base/java.nio=ALL-UNNAMED" in conf
    assert "server.memory.pagecache.size=1024m" in conf
    assert "server.http.listen_address=127.0.0.1:7474" in conf


def test_a_disk_that_cannot_be_read_or_carries_something_is_never_formatted(life: Life) -> None:
    machine, disk = life.machines[-1], life.volume.disk
    kept = disk.with_suffix(".kept")
    disk.rename(kept)
    machine.hands.calls.clear()
    try:
        done = machine.boot()
        assert done.returncode != 0
        assert "No such file" in done.stderr
        disk.write_bytes(bytes(5000) + b"x" + bytes(5000))
        done = machine.boot()
        assert done.returncode != 0
        assert "nothing was touched" in done.stderr
    finally:
        kept.rename(disk)
    assert machine.called("mkfs.xfs", "systemctl") == []


def measured(machine: Machine, **more: str) -> dict[str, Any]:
    """The line that one run of the metrics script writes, held to the format."""
    done = machine.run("opt/knowledgeweaver/metrics.sh", **more)
    assert done.returncode == 0, done.stderr
    log = machine.root / "var/log/knowledgeweaver/metrics.log"
    line: dict[str, Any] = json.loads(log.read_text().splitlines()[-1])
    assert list(Draft202012Validator(EMF).iter_errors(line)) == []
    [part] = line["_aws"]["CloudWatchMetrics"]
    assert {metric["Name"] for metric in part["Metrics"]} == set(line) - {"_aws", "Environment"}
    return line


def test_the_database_tells_what_community_lets_it(life: Life, graph_store: dict[str, Any]) -> None:
    machine = life.machines[-1]
    address = f"bolt://127.0.0.1:{machine.hands.bolt}"
    with GraphDatabase.driver(address, auth=("neo4j", FIRST)) as driver, driver.session() as work:
        for number in range(130):
            work.run("MATCH (f:Fact) WHERE f.number <> $n RETURN count(f)", n=number).consume()
        with work.begin_transaction() as open_one:
            open_one.run("RETURN 2").consume()
            line = measured(machine)
    assert line["Environment"] == "test"
    assert line["Neo4jUp"] == 1
    assert line["Neo4jBoltConnections"] >= 1
    assert line["Neo4jTransactions"] == 1
    assert line["Neo4jLongestTransaction"] > 0
    assert 0 < line["Neo4jHeapUsedPercent"] < 100
    assert len(line["Neo4jQueryTime"]) == 100
    assert all(0 < value < 60_000 for value in line["Neo4jQueryTime"])
    assert line["Neo4jStoreBytes"] > 100_000
    assert line["Neo4jStorePercentOfPageCache"] == pytest.approx(
        100 * line["Neo4jStoreBytes"] / 2**30
    )
    told = {m["name"] for m in graph_store["metrics"].values() if m["name"].startswith("Neo4j")}
    assert told == {name for name in line if name.startswith("Neo4j")}


def test_a_database_that_is_away_is_told_as_down(life: Life) -> None:
    line = measured(life.machines[-1], NEO4J_HTTP="http://127.0.0.1:9")
    assert line["Neo4jUp"] == 0
    assert set(line) == {
        "_aws",
        "Environment",
        "Neo4jUp",
        "Neo4jStoreBytes",
        "Neo4jStorePercentOfPageCache",
    }


def test_a_long_log_of_metrics_makes_room(life: Life) -> None:
    log = life.machines[-1].root / "var/log/knowledgeweaver/metrics.log"
    log.write_text("x" * 2**20)
    measured(life.machines[-1])
    assert log.with_suffix(".log.1").stat().st_size == 2**20
    assert log.stat().st_size < 2_000


def test_health_in_a_line(life: Life) -> None:
    machine = life.machines[-1]
    done = machine.run("opt/knowledgeweaver/health.sh")
    assert (done.returncode, done.stdout) == (0, "healthy\n")
    done = machine.run("opt/knowledgeweaver/health.sh", NEO4J_HTTP="http://127.0.0.1:9")
    assert (done.returncode, done.stdout) == (1, "database: does not answer\n")
    data = machine.root / "var/lib/neo4j/data"
    data.rename(data.with_suffix(".away"))
    try:
        done = machine.run("opt/knowledgeweaver/health.sh")
    finally:
        data.with_suffix(".away").rename(data)
    assert (done.returncode, done.stdout) == (1, "volume: not mounted\n")


def test_only_a_database_that_fell_silent_is_restarted(life: Life) -> None:
    machine = life.machines[-1]

    def look(**more: str) -> str:
        return machine.run("opt/knowledgeweaver/health.sh", "--watch", **more).stdout

    silent = {"NEO4J_HTTP": "http://127.0.0.1:9"}
    machine.hands.calls.clear()
    machine.hands.pretends = True
    assert look() == ""
    assert re.fullmatch(r"\S+Z unhealthy \(1\): database: does not answer\n", look(**silent))
    look(**silent)
    assert machine.called("systemctl")[-1] != "systemctl restart neo4j"
    assert "restarting the database" in look(**silent)
    for _ in range(4):  # it starts up and has not answered yet
        look(**silent)
    assert machine.called("systemctl").count("systemctl restart neo4j") == 1
    assert "healthy again" in look()
    machine.hands.pretends = False
    for _ in range(4):  # a person stopped it
        assert "database: not running" in look()
    machine.hands.pretends = None
    assert machine.called("systemctl").count("systemctl restart neo4j") == 1


def test_a_rotated_password_is_read_anew(life: Life) -> None:
    machine = life.machines[-1]
    quoted = SECOND.replace("\\", "\\\\").replace('"', '\\"')
    life.ask(FIRST, f'ALTER CURRENT USER SET PASSWORD FROM "{FIRST}" TO "{quoted}"')
    life.put(SECOND)
    assert measured(machine)["Neo4jUp"] == 1
    login = machine.root / "run/knowledgeweaver/login"
    assert login.stat().st_mode & 0o777 == 0o600


def test_a_replaced_machine_finds_data_and_password_of_the_last_one(life: Life) -> None:
    machine = life.launch()
    done = machine.boot()
    assert done.returncode == 0, done.stdout + done.stderr
    assert machine.called("mkfs.xfs", "neo4j-admin") == []
    assert life.ask(SECOND, "MATCH (f:Fact) RETURN f.text") == ["kept"]


def test_a_boot_in_the_middle_of_a_rotation_changes_nothing(life: Life) -> None:
    machine = life.machines[-1]
    conf, fstab = machine.root / "etc/neo4j/neo4j.conf", machine.root / "etc/fstab"
    before = conf.read_text(), fstab.read_text()
    quoted = SECOND.replace("\\", "\\\\").replace('"', '\\"')
    life.ask(SECOND, f'ALTER CURRENT USER SET PASSWORD FROM "{quoted}" TO "{THIRD}"')
    life.put(THIRD, "AWSPENDING")
    machine.hands.calls.clear()
    done = machine.boot()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "setting the current one" not in done.stdout
    assert machine.called("mkfs.xfs", "mount", "neo4j-admin") == []
    assert (conf.read_text(), fstab.read_text()) == before
    # what the scripts themselves asked since then is not counted as queries
    measured(machine)
    assert "Neo4jQueryTime" not in measured(machine)
    assert life.ask(THIRD, "MATCH (f:Fact) RETURN f.text") == ["kept"]


def test_a_volume_from_before_a_rotation_takes_the_password_of_today(life: Life) -> None:
    # the database knows THIRD, as one restored from a backup; nobody does any more
    life.put("password-of-today")
    life.put("and-of-tomorrow", "AWSPENDING")
    machine = life.launch()
    done = machine.boot()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "setting the current one" in done.stdout
    assert life.ask("password-of-today", "MATCH (f:Fact) RETURN f.text") == ["kept"]
    with pytest.raises(AuthError):
        life.ask("password of nobody", "RETURN 1")
    conf = (machine.root / "etc/neo4j/neo4j.conf").read_text()
    assert "auth_enabled" not in conf
    assert "server.bolt.listen_address=0.0.0.0:7687" in conf
