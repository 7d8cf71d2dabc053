"""What every use case that touches an account works with: checkout, estate, stores, Terraform."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

from pipeline.adapters.aws.session import Aws, path_style
from pipeline.adapters.aws.state import StateFiles, state_files
from pipeline.adapters.aws.stores import Stores
from pipeline.adapters.git import resolve
from pipeline.adapters.github import GitHub
from pipeline.adapters.terraform import Backend, Terraform
from pipeline.adapters.terraform_process import JsonLine
from pipeline.adapters.work import private_folder
from pipeline.domain.guard import Allowance, Verdict
from pipeline.domain.model import UnitId
from pipeline.domain.nested import parse_json
from pipeline.domain.units import Estate, Stack
from pipeline.errors import Failure, failure
from pipeline.output import Output
from pipeline.settings import ProjectConfig, StackConfig
from pipeline.usecases.estates import project, renamed, working_estate
from pipeline.usecases.guarding import allowance, judge_stack
from pipeline.usecases.request import unit_names


@dataclass(slots=True)
class Site:
    """One checkout and the account that the credentials belong to."""

    root: Path
    referee: Path
    work: Path
    out: Output
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    _cache: dict[str, Any] = field(default_factory=dict)
    _first: Lock = field(default_factory=Lock)

    @property
    def settings(self) -> ProjectConfig:
        """``[tool.pipeline]`` of the referee."""
        if "settings" not in self._cache:
            self._cache["settings"] = project(self.referee, self.root)
        found: ProjectConfig = self._cache["settings"]
        return found

    @property
    def estate(self) -> Estate[StackConfig]:
        """All units of the checkout as it is."""
        if "estate" not in self._cache:
            self._cache["estate"] = working_estate(self.root, self.settings.app)
        found: Estate[StackConfig] = self._cache["estate"]
        return found

    @property
    def renamed(self) -> dict[UnitId, UnitId]:
        """Units that keep the state and the ledger of an old name: new to old."""
        return renamed(self.estate)

    @property
    def stores(self) -> Stores:
        """Ledger and records; the first use checks credentials and endpoint."""
        with self._first:
            if "stores" not in self._cache:
                self._cache["stores"] = Stores(self.settings, renamed=lambda: self.renamed)
        found: Stores = self._cache["stores"]
        return found

    @property
    def aws(self) -> Aws:
        return self.stores.aws

    @property
    def github(self) -> GitHub:
        """GitHub; raises ``no-credentials`` without a token."""
        if "github" not in self._cache:
            self._cache["github"] = GitHub.from_environment(self.environ, self.settings.repository)
        found: GitHub = self._cache["github"]
        return found

    @property
    def github_or_none(self) -> GitHub | None:
        return self.github if self.environ.get("GITHUB_TOKEN") else None

    @property
    def commit(self) -> str:
        """The commit that is checked out."""
        return resolve(self.root, "HEAD")

    @property
    def app_tree(self) -> str:
        """The tree hash of the application's folder: the tag of its image."""
        found = self.estate.tree.hash(self.settings.app)
        if found is None:
            raise failure("bad-config", f"There is no folder {self.settings.app}.")
        return found

    def image(self) -> str:
        """The image reference that this checkout deploys."""
        names = self.stores.names
        registry = f"{names.account}.dkr.ecr.{names.region}.amazonaws.com"
        return f"{registry}/{self.settings.ecr_repository}:{self.app_tree}"

    def stack(self, unit: UnitId) -> Stack[StackConfig]:
        """The unit's stack; raises ``unknown-unit``."""
        return self.estate.stack(unit)

    def judged(self, unit: UnitId) -> Verdict:
        """The guard's verdict over a unit; raises ``guard`` or ``bad-hcl``. No credentials."""
        key = f"guard {unit.stack}"
        if key not in self._cache:
            self._cache[key] = judge_stack(
                self.stack(unit).folder, self.root, self.referee, self.work, self.settings
            )
        verdict: Verdict = self._cache[key]
        if verdict.broken:
            raise Failure("bad-hcl", *verdict.broken, *verdict.problems)
        if verdict.problems:
            raise Failure("guard", *verdict.problems)
        return verdict

    def allowance(self, unit: UnitId) -> Allowance:
        """``[guard]`` of the unit's stack, as the judging checkout has it."""
        return allowance(self.referee, self.stack(unit).folder)

    def state(self, unit: UnitId) -> StateFiles:
        """The objects of the unit's state."""
        return state_files(self.aws, self.stores.names.state_bucket, self._backend().key(unit))

    def terraform(self, unit: UnitId, *, scratch: bool = False) -> Terraform:
        """Terraform for a unit, judged by the guard first."""
        verdict = self.judged(unit)
        stack = self.stack(unit)
        variables = {"image": self.image()} if stack.config.takes_image else {}
        return Terraform(
            unit=unit,
            root=self.root,
            work=self.work,
            backend=self._backend(),
            variables=variables,
            calls=verdict.fingerprint,
            on_line=self._progress(unit),
            environ=self.environ,
            credentials=self.aws.broker.environment,
            scratch=scratch,
        )

    def private(self, unit: UnitId) -> Path:
        """The unit's folder for what holds values; mode 0700."""
        return private_folder(self.work, unit.slug)

    def note(self, unit: UnitId, **values: object) -> None:
        """Leave something for the next step of the same job (``pipeline rollout``)."""
        (self.private(unit) / "applied.json").write_text(json.dumps(values))

    def forget(self, unit: UnitId) -> None:
        """Take back what an earlier step left."""
        (self.private(unit) / "applied.json").unlink(missing_ok=True)

    def noted(self, unit: UnitId) -> dict[str, Any]:
        """What the step before left; empty when there was none."""
        file = self.private(unit) / "applied.json"
        found: dict[str, Any] = parse_json(file.read_text()) if file.is_file() else {}
        return found

    def _backend(self) -> Backend:
        names = self.stores.names
        return Backend(names.state_bucket, names.region, path_style(), self.renamed)

    def _progress(self, unit: UnitId) -> Any:
        def tell(line: JsonLine) -> None:
            if line.get("type") in ("apply_complete", "apply_errored"):
                hook = line.get("hook", {})
                if hook.get("action") == "read":
                    return
                address = hook.get("resource", {}).get("addr", "")
                done = "done" if line["type"] == "apply_complete" else "failed"
                seconds = hook.get("elapsed_seconds", 0)
                self.out.say(f"{unit}: {address} {hook.get('action', '')} {done} ({seconds} s)")

        return tell


def site_of(here: Any) -> Site:
    """The site of a command's context (:class:`pipeline.cli.context.Here`)."""
    return Site(here.root, here.referee, here.work, here.out, here.environ)


def parse_units(texts: list[str], site: Site) -> list[UnitId]:
    """Unit names from a command line, none for none; raises ``usage`` or ``unknown-unit``."""
    found = [UnitId.parse(name) for name in unit_names(texts)] if texts else []
    for unit in found:
        site.stack(unit)
    return found


__all__ = ["Site", "parse_units", "site_of"]
