"""Drive terraform for one unit: init, plan, show, apply, destroy plans, outputs.

Nothing of this writes into the checkout. The data folder lies in the work folder, one for each
stack; the workspace is chosen by ``TF_WORKSPACE`` alone. Plan files exist only between a plan and
what is made of it, in the private folder.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.adapters import terraform_settings as settings
from pipeline.adapters import tools
from pipeline.adapters.terraform_diagnostics import as_failure, undeclared, warnings
from pipeline.adapters.terraform_process import OnLine, Ran, run
from pipeline.adapters.work import one_at_a_time, private_folder
from pipeline.domain.model import UnitId, Warned
from pipeline.domain.nested import parse_json
from pipeline.errors import Failure, failure

LOCK_TIMEOUT = "120s"


@dataclass(frozen=True, slots=True)
class Backend:
    """Where states lie; ``path_style`` for endpoints that are no AWS host names.

    ``renamed`` gives the units that keep the state of an old name: new to old.
    """

    bucket: str
    region: str
    path_style: bool = False
    renamed: Mapping[UnitId, UnitId] = field(default_factory=dict)

    def key(self, unit: UnitId) -> str:
        """The object that holds a unit's state (S3 backend: prefix/workspace/key).

        Terraform keeps the workspace ``default`` under the bare key
        (internal/backend/remote-state/s3/backend_state.go, path).
        """
        key = self._key(unit)
        return key if unit.workspace == "default" else f"env/{unit.workspace}/{key}"

    def _key(self, unit: UnitId) -> str:
        return f"{self.renamed.get(unit, unit).stack}/terraform.tfstate"

    def arguments(self, unit: UnitId) -> list[str]:
        """``-backend-config`` values; credentials were checked before, so not a second time."""
        values = {
            "bucket": self.bucket,
            "region": self.region,
            "key": self._key(unit),
            "workspace_key_prefix": "env",
            "use_lockfile": "true",
            "encrypt": "true",
            "skip_credentials_validation": "true",
            "skip_requesting_account_id": "true",
            "use_path_style": str(self.path_style).lower(),
        }
        return [f"-backend-config={name}={value}" for name, value in values.items()]


@dataclass(frozen=True, slots=True)
class StateHead:
    """Which state a plan was made from."""

    serial: int
    lineage: str


@dataclass(frozen=True, slots=True)
class Terraform:
    """Terraform for one unit of the checkout at ``root``.

    ``variables`` become ``TF_VAR_…``; ``credentials`` say where AWS's SDKs get theirs; ``calls`` is
    whatever the module calls depend on (see :mod:`pipeline.domain.guard`), so that a changed call
    makes the next init a real one. ``warned`` is what the last plan warned of.
    """

    unit: UnitId
    root: Path
    work: Path
    backend: Backend
    variables: Mapping[str, str] = field(default_factory=dict)
    calls: str = ""
    on_line: OnLine | None = None
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    credentials: Mapping[str, str] = field(default_factory=dict)
    scratch: bool = False
    warned: list[Warned] = field(default_factory=list, compare=False)

    @property
    def folder(self) -> Path:
        """The stack's folder: in the checkout, or in the shadow of it for a scratch state."""
        base = self._shadow_root if self.scratch else self.root
        return base / "terraform" / "envs" / self.unit.stack

    @property
    def plan_file(self) -> Path:
        return self.work / "private" / self.unit.slug / "tfplan"

    def init(self) -> None:
        """Make the data folder right for this backend, lock file and module calls, or keep it."""
        if self.scratch:
            self._make_shadow()
        lock = self.folder / ".terraform.lock.hcl"
        wanted = self._stamp(lock)
        stamp = self.data_dir / "pipeline-init"
        private_folder(self.work)
        self.data_dir.mkdir(parents=True, exist_ok=True)
        (self.data_dir / "home").mkdir(exist_ok=True)
        if _is(stamp, wanted):
            return  # without waiting for the init of another job
        arguments = [] if self.scratch else self.backend.arguments(self.unit)
        with one_at_a_time(tools.cache_dir() / "terraform" / "init.lock"):
            # again under the lock: units of a stack share the folder, also at the same time
            if _is(stamp, wanted):
                return
            stamp.unlink(missing_ok=True)
            shutil.rmtree(self.data_dir / "modules", ignore_errors=True)
            self._run("init", "-json", "-lockfile=readonly", "-reconfigure", *arguments)
            stamp.write_text(wanted)

    def plan(self, *, destroy: bool = False) -> bool:
        """Plan into :attr:`plan_file`; False when nothing is to be applied and nothing drifted.

        Takes no state lock: a plan must never block an apply.
        """
        private_folder(self.work, self.unit.slug)
        flags = ["-destroy"] if destroy else []
        try:
            ran = self._run(
                "plan",
                "-json",
                "-detailed-exitcode",
                "-lock=false",
                f"-var-file={self.unit.workspace}.tfvars",
                f"-out={self.plan_file}",
                *flags,
                fine=(0, 2),  # 2: there is something to apply
            )
            self.warned[:] = warnings(ran.diagnostics, self.folder, self.base)
            extra = undeclared(ran.diagnostics)
            if extra:
                raise as_failure(extra, "", "plan", self.folder, self.base)
        except BaseException:
            self.drop_plan()
            raise
        self.plan_file.chmod(0o600)
        return ran.code == 2 or "resource_drift" in ran.kinds

    def show(self) -> str:
        """The plan as Terraform's JSON output format describes it, as text: no number is rounded.

        :func:`pipeline.domain.exact.loads` reads it.
        """
        return self._run("show", "-json", str(self.plan_file)).text

    def values(self) -> dict[str, Any]:
        """What stands, as Terraform's JSON output format describes a state's values."""
        found: dict[str, Any] = self._run("show", "-json").document.get("values") or {}
        return found

    def planned_state(self) -> StateHead:
        """Serial and lineage of the state under the plan, out of the plan file itself.

        "tfstate" has the stored state's; the header of "tfstate-prev" is always empty
        (internal/backend/local/backend_plan.go). Zero and "" where nothing is stored yet.
        """
        with zipfile.ZipFile(self.plan_file) as archive:
            state = parse_json(archive.read("tfstate"))
        return StateHead(int(state.get("serial", 0)), str(state.get("lineage", "")))

    def modules_digest(self) -> str:
        """SHA-256 over the content of the modules that init downloaded, "" without any.

        Local modules are not among them: they are read where they are, and the unit digest holds
        them (Terraform: "modules.json" lists each call with its folder).
        """
        folder = self.data_dir / "modules"
        files = sorted(f for f in folder.rglob("*") if f.is_file() and f.parent != folder)
        if not files:
            return ""
        digest = hashlib.sha256()
        for file in files:
            name = file.relative_to(folder).as_posix()
            digest.update(f"{name}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\0".encode())
        return digest.hexdigest()

    def apply(self) -> None:
        """Apply the plan file, with the state lock; the plan file is gone afterwards."""
        try:
            self._run("apply", "-json", f"-lock-timeout={LOCK_TIMEOUT}", str(self.plan_file))
        finally:
            self.drop_plan()

    def state(self) -> dict[str, Any]:
        """The state as it is stored (format 4); it holds values. Empty where there is none.

        Not ``show -json``, which starts the provider for its schema: seconds for a few names.
        """
        document = self._run("state", "pull").document
        if document and document.get("version") != 4:
            raise failure(
                "terraform",
                f"The state of {self.unit} has format {document.get('version')}, not 4.",
                remedy="Use the locked Terraform version.",
            )
        return document

    def drop_plan(self) -> None:
        """Remove the plan file: it holds values, and no plan is ever applied twice."""
        self.plan_file.unlink(missing_ok=True)

    @property
    def errored_state(self) -> Path:
        """Where Terraform leaves a state that it could not store."""
        return self.folder / "errored.tfstate"

    @property
    def base(self) -> Path:
        return self._shadow_root if self.scratch else self.root

    @property
    def _shadow_root(self) -> Path:
        return self.work / "terraform" / f"{self.unit.slug}.shadow"

    @property
    def data_dir(self) -> Path:
        name = f"{self.unit.slug}.scratch" if self.scratch else self.unit.stack
        return self.work / "terraform" / name

    def _stamp(self, lock: Path) -> str:
        parts = [
            str(tools.locate("terraform")),
            *(self.backend.arguments(self.unit) if not self.scratch else ["scratch"]),
            hashlib.sha256(lock.read_bytes()).hexdigest(),
            hashlib.sha256(self.calls.encode()).hexdigest(),
            str(self.folder),
        ]
        return "\n".join(parts)

    def _make_shadow(self) -> None:
        """A copy of the checkout's outline whose stack has a local, empty state.

        The S3 backend writes an empty state the moment a workspace that does not exist is used,
        even by a plan (terraform: internal/backend/remote-state/s3/backend_state.go, StateMgr).
        A plan role may not write, so the first plan of a unit runs here, against nothing.
        """
        shutil.rmtree(self._shadow_root, ignore_errors=True)
        stack = self.folder
        stack.mkdir(parents=True)
        real = self.root / "terraform" / "envs" / self.unit.stack
        for source, target in (
            (self.root, self._shadow_root),
            (self.root / "terraform", self._shadow_root / "terraform"),
            (self.root / "terraform" / "envs", self._shadow_root / "terraform" / "envs"),
            (real, stack),
        ):
            for entry in source.iterdir():
                link = target / entry.name
                if not link.exists() and entry.name not in (".git", ".terraform"):
                    link.symlink_to(entry)
        name = "pipeline_override.tf"
        while (stack / name).is_symlink():  # a file of the checkout, which is not ours to write
            name = f"z{name}"
        (stack / name).write_text('terraform {\n  backend "local" {}\n}\n')

    def _run(self, stage: str, *arguments: str, fine: tuple[int, ...] = (0,)) -> Ran:
        config = None
        if stage != "init" and self.environ.get(settings.CHECK_PROVIDERS) == "init":
            config = settings.checked_by_init(self.data_dir)
        config = config or settings.config_file()
        environ = settings.environment(self.environ, self.data_dir, config, self.credentials)
        environ |= {f"TF_VAR_{name}": value for name, value in self.variables.items()}
        if stage != "init":  # init of a workspace without a state would refuse to select it
            environ["TF_WORKSPACE"] = self.unit.workspace
        ran = run(
            [tools.locate("terraform"), stage, *arguments],
            self.folder,
            environ,
            self.on_line,
            messages=stage in ("init", "plan", "apply"),
        )
        if ran.code not in fine:
            failed = as_failure(ran.diagnostics, ran.text, stage, self.folder, self.base)
            raise Failure("killed", *failed.problems) if ran.code < 0 else failed
        return ran


def _is(stamp: Path, wanted: str) -> bool:
    return stamp.exists() and stamp.read_text() == wanted
