"""What the people of the story change in the repository's files."""

from __future__ import annotations

from pathlib import Path

ENVS = Path("terraform/envs/knowledgeweaver")
OPEN_DOOR = """
resource "aws_vpc_security_group_ingress_rule" "from_anywhere" {
  security_group_id = aws_security_group.this.id
  description       = "Bolt from my laptop"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 7687
  to_port           = 7687
}
"""


def without_environments(root: Path) -> None:
    """Take every workspace of the application away: the story begins before the first one."""
    for file in (root / ENVS).glob("*.tfvars"):
        file.unlink()


class CreateDev:
    """Bring ``dev`` back, as the checkout of whoever runs the story has it."""

    def __init__(self, checkout: Path) -> None:
        self._text = (checkout / ENVS / "dev.tfvars").read_text()

    def __call__(self, root: Path) -> None:
        (root / ENVS / "dev.tfvars").write_text(self._text)


def open_the_database(root: Path) -> None:
    """Let the whole internet reach Neo4j."""
    file = root / "terraform/modules/neo4j/main.tf"
    file.write_text(file.read_text() + OPEN_DOOR)


def close_the_database(root: Path) -> None:
    """Take that back."""
    file = root / "terraform/modules/neo4j/main.tf"
    file.write_text(file.read_text().replace(OPEN_DOOR, ""))


def new_version(root: Path) -> None:
    """A change of the application alone."""
    _replace(
        root / "app/knowledgeweaver/__init__.py", '__version__ = "0.1.0"', '__version__ = "0.2.0"'
    )


def never_ready(root: Path) -> None:
    """A mistake that no test and no plan sees: with the real graph store, the service stops."""
    _replace(
        root / "app/knowledgeweaver/api/__init__.py",
        "        for work in (later, *background):\n            work.start()\n        yield\n",
        '        if store.kind == "neo4j":\n'
        '            raise RuntimeError("the index of the new release is missing")\n'
        "        for work in (later, *background):\n            work.start()\n        yield\n",
    )


def keep_logs_longer(root: Path) -> None:
    """A change of the estate that somebody pushes past the review."""
    _replace(root / ENVS / "dev.tfvars", "log_days           = 7", "log_days           = 14")


def _replace(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    if text.count(old) != 1:
        raise ValueError(f"{file.name}: expected {old!r} once, found it {text.count(old)} times")
    file.write_text(text.replace(old, new))
