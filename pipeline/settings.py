"""What may stand in ``[tool.pipeline]``, stack.toml and usage.toml, and what each key means."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from pipeline.domain.quantities import Assumed, Usage

#: One word that becomes part of paths, addresses and names at GitHub and AWS.
Word = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=100)]
#: OWNER/NAME, STACK/WORKSPACE.
Pair = Annotated[
    str,
    StringConstraints(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9._-]*[A-Za-z0-9_-]$", max_length=200
    ),
]
#: The name of an output of Terraform.
Output = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_-]*$", max_length=100)]
#: Text of one line, which is shown to people.
Line = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*$", max_length=500)]
#: A folder or file of the repository, as git names it.
Place = Annotated[
    str,
    StringConstraints(pattern=r"^[^/.\s\x00-\x1f][^/\x00-\x1f]*(/[^/.\x00-\x1f][^/\x00-\x1f]*)*$"),
]
#: A number that is one.
Amount = Annotated[float, Field(allow_inf_nan=False)]


class _Base(BaseModel):
    """Strict: "yes" and 1 are no boolean, "2" is no number."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class WorkspaceConfig(_Base):
    """``[workspace.NAME]``: what holds in one workspace only."""

    protected: bool = False
    environment: Word | None = None
    monthly_budget_usd: Amount | None = Field(default=None, gt=0)


class RolloutConfig(_Base):
    """``[rollout]``: names of the Terraform outputs that say where the service runs."""

    cluster: Output
    service: Output
    url: Output


class AssumedConfig(_Base):
    """A quantity a month: at least, and as a rule."""

    low: Amount = Field(ge=0)
    typical: Amount = Field(ge=0)

    @model_validator(mode="after")
    def _in_order(self) -> AssumedConfig:
        if self.low > self.typical:
            raise ValueError(f"low = {self.low:g} is more than typical = {self.typical:g}")
        return self


class UsageConfig(AssumedConfig):
    """One table of usage.toml: what is assumed, why, and where a workspace differs."""

    why: str = Field(min_length=1)
    workspace: dict[str, AssumedConfig] = {}

    def of(self, workspace: str) -> Assumed:
        found = self.workspace.get(workspace, self)
        return Assumed(found.low, found.typical)


class GuardConfig(_Base):
    """``[guard]``: what this stack may use beyond the guard's own lists.

    Read from the base branch, so that a pull request cannot allow itself anything. ``functions``
    may take paths that are computed. ``data_sources`` counts for ephemeral resources, too;
    ``file_arguments`` as "aws_s3_object.source".
    """

    owner: str = Field(min_length=1)
    reason: str = Field(min_length=1)
    expires: date
    data_sources: list[str] = []
    imports: list[str] = []
    provider_arguments: list[str] = []
    functions: list[str] = []
    file_arguments: list[str] = []


class StackFile(_Base):
    """One stack.toml. ``renamed_from`` is the name under which state and ledger are kept."""

    description: Line = ""
    renamed_from: Word | None = None
    guard: GuardConfig | None = None
    workspaces: list[str] = Field(min_length=1)
    depends_on: list[str] = []
    takes_image: bool = False
    workspace: dict[str, WorkspaceConfig] = {}
    rollout: RolloutConfig | None = None

    def environment(self, workspace: str) -> str:
        """The GitHub environment of the apply job."""
        own = self.workspace.get(workspace, WorkspaceConfig())
        return own.environment or workspace

    def protected(self, workspace: str) -> bool:
        """Whether destroying this workspace is refused."""
        return self.workspace.get(workspace, WorkspaceConfig()).protected

    def budget(self, workspace: str) -> float | None:
        """The budget in US dollars a month, None when there is none."""
        return self.workspace.get(workspace, WorkspaceConfig()).monthly_budget_usd


class StackConfig(StackFile):
    """One stack: its stack.toml and the usage.toml beside it."""

    usage: dict[str, UsageConfig] = {}

    def assumed(self, workspace: str) -> Usage:
        """What is assumed of a workspace; keys are those of :data:`USAGE`."""
        return {key: found.of(workspace) for key, found in self.usage.items()}


class SuiteConfig(_Base):
    """``[[tool.pipeline.tests]]``: a test suite and the paths that make it run.

    ``lock`` is uv's lock file of the suite: its environment stays for the next run. ``nightly`` is
    one that takes too long for a pull request: it has no paths, and ``pipeline test --nightly``
    runs it.
    """

    name: Word
    nightly: bool = False
    paths: list[str] = []
    command: list[str] = Field(min_length=1)
    lock: Place | None = None

    @model_validator(mode="after")
    def _runs_sometime(self) -> SuiteConfig:
        if self.nightly == bool(self.paths):
            raise ValueError(
                f"the suite {self.name!r} needs paths = [...] that make it run, or nightly = true"
            )
        return self


class ReviewConfig(_Base):
    """``[tool.pipeline.review]``: what counts as reviewed.

    ``approvals`` people have to approve. ``bots`` are apps whose pull requests count like a
    person's. ``self`` is for a repository of one person: nobody else has to approve, and the
    ledger says "self-reviewed".
    """

    approvals: int = Field(default=1, ge=1, le=100)
    self_: bool = Field(default=False, alias="self")
    bots: list[str] = []


class RetiredConfig(_Base):
    """``[[tool.pipeline.retired]]``: what is to become of a unit that the repository gave up.

    ``forget`` takes it off the ledger and leaves what runs alone; ``unprotect`` lets it be
    destroyed although its stack protected it.
    """

    unit: Pair
    action: Literal["forget", "unprotect"]
    why: str = Field(min_length=1)


class ProjectConfig(_Base):
    """``[tool.pipeline]`` of pyproject.toml.

    ``platform`` is what the image is built for: the processor of the tasks and of the runner in
    image.yml. ``providers`` and ``modules`` are what the guard lets in: source addresses of
    providers, and prefixes of module sources outside the repository. ``unmanaged`` are folders
    with Terraform that others apply.
    """

    name: Word
    repository: Pair
    region: str = Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=30)
    ecr_repository: str = Field(pattern=r"^[a-z0-9]+([._/-][a-z0-9]+)*$", max_length=256)
    app: Place = "app"
    platform: str = Field("linux/arm64", pattern=r"^[a-z0-9]+(/[a-z0-9]+){1,2}$")
    providers: list[str] = ["registry.terraform.io/hashicorp/aws"]
    modules: list[str] = []
    unmanaged: list[str] = []
    tests: list[SuiteConfig] = []
    review: ReviewConfig = ReviewConfig()
    retired: list[RetiredConfig] = []

    @model_validator(mode="after")
    def _one_word_a_unit(self) -> ProjectConfig:
        units = [entry.unit for entry in self.retired]
        if twice := sorted({unit for unit in units if units.count(unit) > 1}):
            raise ValueError(f"two [[retired]] are about {', '.join(twice)}; keep one of them")
        return self
