"""The command ``pipeline``: finds the command's module, runs it, turns failures into words.

A command is a module ``pipeline/cli/<command>.py`` with a function that Typer can read, whose
first parameter is the context and whose result is an exit code::

    from typing import Annotated
    import typer
    from pipeline.cli.context import Here
    from pipeline.errors import Exit

    def run(here: Here, units: Annotated[list[str], typer.Argument(help="…")]) -> Exit:
        '''One line for --help.'''
        from pipeline.usecases.plan import plan_units  # heavy imports go inside

        here.out.say("…")            # a line for people
        here.out.emit({"…": 1})      # the one document under --json
        here.out.outputs(count="1")  # GITHUB_OUTPUT
        return Exit.OK

``--root``, ``--work``, ``--json`` and ``--github`` are taken out of the arguments before Typer
sees them, so no command declares them. The table below names every command; its module is
imported only when it runs. Errors a user can cause are :class:`pipeline.errors.Failure`; nothing
else is caught on the way here.
"""

from __future__ import annotations

import gc
import importlib
import importlib.util
import inspect
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, get_type_hints

from pipeline.adapters.work import private_folder, refuse_tracked
from pipeline.cli.context import Here, here_from, split_common
from pipeline.errors import Exit, Failure, Problem, failure
from pipeline.output import Output


class Entry(NamedTuple):
    """A command: where its function is and what it does in one line."""

    target: str
    help: str


COMMANDS: dict[str, Entry] = {
    "affected": Entry("pipeline.cli.affected:run", "Units whose digest a pull request changes."),
    "pending": Entry("pipeline.cli.pending:run", "Units whose digest is not the deployed one."),
    "test": Entry("pipeline.cli.testing:run", "Run the configured test suites of touched paths."),
    "request": Entry("pipeline.cli.request:run", "Refuse what a trusted job must not be asked."),
    "plan": Entry("pipeline.cli.plan:run", "Plan units and parse the result."),
    "check": Entry("pipeline.cli.check:run", "Lint and policy over the planned units."),
    "cost": Entry("pipeline.cli.cost:run", "Monthly cost of the planned units and their budget."),
    "cost refresh": Entry("pipeline.cli.cost_refresh:run", "Read the prices anew from AWS."),
    "record": Entry("pipeline.cli.record:run", "Write the plan records of the planned units."),
    "report": Entry("pipeline.cli.report:run", "Report, sticky comment and verdict of a run."),
    "image": Entry("pipeline.cli.image:run", "Build and push the image of app/ when missing."),
    "apply": Entry("pipeline.cli.apply:run", "Plan again, check coverage, apply."),
    "rollout": Entry("pipeline.cli.rollout:run", "Wait for ECS, smoke test, write the ledger."),
    "settle": Entry("pipeline.cli.settle:run", "Wait for a Terraform that outlived its step."),
    "verify": Entry("pipeline.cli.verify:run", "Is what runs what the repository says?"),
    "drift": Entry("pipeline.cli.drift:run", "Verify and keep one issue per drifted unit."),
    "destroy": Entry("pipeline.cli.destroy:run", "Destroy a unit after a typed confirmation."),
    "restore": Entry("pipeline.cli.restore:run", "Bring back what a destroy took out of buckets."),
    "unlock": Entry("pipeline.cli.unlock:run", "Explain a state lock and clear a dead one."),
    "status": Entry("pipeline.cli.status:run", "What is deployed where, from the ledger."),
    "bootstrap": Entry("pipeline.cli.bootstrap:run", "Create the buckets, keys and roles."),
    "doctor": Entry("pipeline.cli.doctor:run", "Check tools, credentials and endpoints."),
    "setup": Entry("pipeline.cli.setup:run", "Install the locked tools."),
}

COMMON = (
    "Every command also takes --root PATH (checkout to work on, default: here), --work PATH "
    "(folder for results, default: .pipeline), --json, --github / --no-github."
)


def load(name: str) -> Callable[..., Any]:
    """Import a command's function; raises ``usage`` for an unknown or absent command."""
    if name not in COMMANDS:
        raise failure(
            "usage", f"There is no command {name!r}.", remedy="See `pipeline --help` for all."
        )
    module, _, function = COMMANDS[name].target.partition(":")
    if importlib.util.find_spec(module) is None:
        raise failure("usage", f"The command {name!r} is not part of this installation.")
    found: Callable[..., Any] = getattr(importlib.import_module(module), function)
    return found


def bind(function: Callable[..., Any], here: Here) -> Callable[..., Any]:
    """The function without its first parameter, in a form whose signature Typer can read."""
    signature = inspect.signature(function)
    first, *others = signature.parameters.values()
    hints = get_type_hints(function, include_extras=True)
    hints.pop(first.name, None)

    def bound(*args: Any, **kwargs: Any) -> Any:
        return function(here, *args, **kwargs)

    bound.__doc__ = function.__doc__
    typed = [other.replace(annotation=hints[other.name]) for other in others]
    bound.__signature__ = signature.replace(parameters=typed)  # type: ignore[attr-defined]
    bound.__annotations__ = hints
    return bound


def overview() -> str:
    """The text of ``pipeline --help``: needs neither Typer nor any command's module."""
    width = max(map(len, COMMANDS)) + 2
    lines = [f"  {name:{width}}{entry.help}" for name, entry in COMMANDS.items()]
    return "\n".join(
        [
            "Usage: pipeline COMMAND [ARGUMENTS]",
            "",
            "Plan, check, apply and verify Terraform and ECS; the repository is the truth.",
            "",
            "Commands (`pipeline COMMAND --help` for each):",
            *lines,
            "",
            COMMON,
            "Exit codes: 0 fine, 1 found something, 2 wrong use, 3 a tool or service failed,",
            "4 rolled back, 130 interrupted.",
        ]
    )


def run(arguments: Sequence[str], environ: Mapping[str, str], cwd: Path) -> int:
    """Run one command line; returns the exit code and never raises."""
    out = Output.for_process(
        as_json="--json" in arguments,
        github=environ.get("GITHUB_ACTIONS") == "true" and "--no-github" not in arguments,
        environ=environ,
    )
    work = cwd / ".pipeline"
    try:
        found, rest = split_common(list(arguments))
        here = here_from(found, cwd, environ)
        out, work = here.out, here.work
        if not rest or rest[0] in ("--help", "-h", "help"):
            print(overview())
            return Exit.OK if rest else Exit.USAGE
        if work.is_dir():
            refuse_tracked(work)
        words = 2 if " ".join(rest[:2]) in COMMANDS else 1
        return _run_command(" ".join(rest[:words]), rest[words:], here)
    except Failure as error:
        out.failure(error)
        return error.exit_code
    except KeyboardInterrupt:
        out.failure(Failure("interrupted", Problem("Interrupted.")))
        return Exit.INTERRUPTED
    except Exception:
        out.failure(_internal(work))
        return Exit.TOOL
    finally:
        out.close()


def _run_command(name: str, arguments: list[str], here: Here) -> int:
    function = load(name)
    import typer
    import typer.main
    from typer._click.exceptions import ClickException

    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.command(name, epilog=COMMON)(bind(function, here))
    try:
        result = typer.main.get_command(app).main(
            arguments, prog_name=f"pipeline {name}", standalone_mode=False
        )
    except ClickException as error:
        raise failure(
            "usage", error.format_message(), remedy=f"See `pipeline {name} --help`."
        ) from error
    except typer.Abort as error:
        raise KeyboardInterrupt from error
    return int(result) if result is not None else Exit.OK


def _internal(work: Path) -> Failure:
    """An error of ours: keep the traceback in a file, tell the user where."""
    import tempfile
    import traceback

    text = traceback.format_exc()
    last = text.strip().splitlines()[-1]
    try:
        folder = private_folder(work)
    except (OSError, Failure):
        folder = Path(tempfile.gettempdir())
    with tempfile.NamedTemporaryFile(
        "w", dir=folder, prefix="error-", suffix=".log", delete=False, encoding="utf-8"
    ) as log:
        log.write(text)
    kind = last.partition(":")[0]
    return failure(
        "internal",
        f"The pipeline itself failed ({kind}).",
        remedy=f"This is a bug; the details are in {log.name}.",
    )


def main() -> None:
    """Entry point of ``python -m pipeline``."""
    gc.set_threshold(200_000)  # it lives for seconds; collecting as usual takes a tenth of them
    sys.exit(run(sys.argv[1:], os.environ, Path.cwd()))
