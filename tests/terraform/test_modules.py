"""The modules' own tests, and their READMEs."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from terraform import readme
from tests.terraform.stacks import ENVS, MODULES
from tests.terraform.test_validations import terraform

NAMES = sorted(path.name for path in MODULES.iterdir() if path.is_dir())
# Mocked providers know no ephemeral resources; test_life_of_dev.py has the secrets.
TESTED = [name for name in NAMES if name != "secrets"]


@pytest.mark.slow
def test_every_module_keeps_its_contract(tmp_path: Path) -> None:
    # One folder for all of them: Terraform starts once instead of once a module.
    (tmp_path / "terraform").symlink_to(MODULES.parent)
    (tmp_path / "main.tf").write_text((MODULES / "vpc" / "versions.tf").read_text())
    lock = (ENVS / "account" / ".terraform.lock.hcl").read_text()
    (tmp_path / ".terraform.lock.hcl").write_text(lock)
    runs = 0
    for name in TESTED:
        text = (MODULES / name / "tests" / "contract.tftest.hcl").read_text()
        called = f'\\g<0>\n  module {{\n    source = "./terraform/modules/{name}"\n  }}\n'
        text, count = re.subn(r'^run "\w+" {$', called, text, flags=re.M)
        (tmp_path / f"{name}.tftest.hcl").write_text(text)
        runs += count
    terraform(tmp_path, "init")
    assert f"{runs} passed, 0 failed" in terraform(tmp_path, "test", fine=(0, 1))


@pytest.mark.parametrize("name", NAMES)
def test_a_modules_readme_says_what_its_files_say(name: str) -> None:
    is_there, has_to_be = readme.current(MODULES / name)
    assert is_there == has_to_be, "run: python -m terraform.readme"


@pytest.mark.parametrize("name", NAMES)
def test_a_module_has_the_usual_files(name: str) -> None:
    files = {path.name for path in (MODULES / name).iterdir()}
    assert {"main.tf", "variables.tf", "outputs.tf", "versions.tf", "README.md"} <= files


@pytest.mark.parametrize("stack", ["account", "knowledgeweaver"])
def test_a_stack_locks_its_provider_for_every_platform(stack: str) -> None:
    text = (ENVS / stack / ".terraform.lock.hcl").read_text()
    assert text.count('"h1:') == 14
    assert text.count('"zh:') == 15


@pytest.mark.parametrize("script", ["neo4j/boot.sh.tftpl", "vpc/nat.sh"])
def test_a_boot_script_is_bash(script: str, tmp_path: Path) -> None:
    text = re.sub(r"^(\w+=)\$\{\w+\}$", r"\1value", (MODULES / script).read_text(), flags=re.M)
    assert "${" not in text  # all that Terraform fills in stands alone in its line
    file = tmp_path / "boot.sh"
    file.write_text(text)
    subprocess.run(["bash", "-n", str(file)], check=True)


def test_a_data_disk_that_carries_files_is_never_formatted(tmp_path: Path) -> None:
    # the script's own function; the commands that it calls only write down that they were called
    text = (MODULES / "neo4j" / "boot.sh.tftpl").read_text()
    body = text[text.index("mount_data() {") : text.index("install_neo4j() {")]
    fstab = tmp_path / "fstab"
    fstab.write_text("")
    body = body.replace("/etc/fstab", str(fstab))
    names = "mkfs.xfs mount mkdir"
    stubs = "\n".join(
        f'{name}() {{ echo "{name} $*" >> {tmp_path}/calls; }}' for name in names.split()
    )
    for formatted, expected in ((1, ["mkfs.xfs", "mkdir", "mount"]), (0, ["mkdir", "mount"])):
        (tmp_path / "calls").write_text("")
        blkid = f'blkid() {{ [ "$1" = -s ] && echo 1234 || return {formatted}; }}'
        script = f"set -eu\nDATA=/data\n{stubs}\n{blkid}\nmountpoint() {{ return 1; }}\n{body}\n"
        subprocess.run(["bash", "-c", f"{script}mount_data /dev/nvme1n1"], check=True)
        calls = (tmp_path / "calls").read_text().splitlines()
        assert [call.split()[0] for call in calls] == expected
    assert fstab.read_text() == "UUID=1234 /data xfs defaults,nofail 0 2\n"
