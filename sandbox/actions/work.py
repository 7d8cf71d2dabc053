"""One job's way through the runner: what it is given, and what it leaves."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping

from sandbox.actions import contexts, jobfile
from sandbox.actions.expr import ExpressionError, Scope, Value, render, resolve_tree, to_string
from sandbox.actions.model import Conclusion, Host, Job
from sandbox.actions.progress import Progress
from sandbox.actions.runner import JobPlan, Runner
from sandbox.actions.standins import unknown
from sandbox.actions.state import Instance
from sandbox.actions.store import Store

#: "Outputs are Unicode strings, and can be a maximum of 1 MB" (Workflow syntax, job outputs).
MAX_OUTPUTS = 1 << 20
MINUTES = 360  # "timeout-minutes … Default: 360"


class Work:
    """A job at work. Made under the engine's lock, run outside of it."""

    def __init__(self, instance: Instance, job: Job, host: Host, store: Store) -> None:
        self.instance = instance
        self._job = job
        self._host = host
        self._run = run = instance.node.level.run
        self._store = store
        variables = dict(host.variables())
        secrets = dict(instance.node.level.secrets)
        if instance.environment and not run.from_fork:
            rules = host.environment(instance.environment)
            variables |= rules.variables
            secrets |= rules.secrets
        self._secrets = secrets
        self._scope = contexts.scope(instance.node, host.repository(), variables, instance)
        self._github = contexts.github(run, host.repository())
        self._folder = store.logs(run.id, run.attempt, instance.id)
        self._runner: Runner | None = None
        self._stopped = False

    def cancel(self) -> None:
        """Stop it; also before it has begun."""
        self._stopped = True
        if self._runner:
            self._runner.cancel()

    def run(self, changed: Callable[[Progress], None]) -> tuple[Conclusion, dict[str, str], str]:
        """Run the steps: conclusion, outputs, and a message where the job as a whole failed."""
        spec = self.instance.node.spec
        token = self._host.token(self._job, self._job.permissions)
        env, masks = self._environment(token)
        progress = Progress(spec.get("steps"), self._folder, masks)
        self._introduce(progress)
        try:
            refs = unknown(str(s["uses"]) for s in spec.get("steps") if "uses" in s)
            if refs:
                return self._fail(progress, f"The sandbox has no stand-in for {', '.join(refs)}.")
            minutes = resolve_tree(spec.get("timeout-minutes"), self._scope) or MINUTES
            plan = JobPlan(
                workflow=jobfile.build(self.instance, self._scope, self._run.event),
                event=self._run.event,
                payload=self._run.payload,
                actor=self._run.actor,
                env=env,
                secrets={**self._secrets, "GITHUB_TOKEN": token},
                process_env=self._process_env(),
                work=self._store.work(self.instance.id),
                timeout=float(to_string(minutes)) * 60,
            )
            self._runner = Runner(plan, progress)
            if self._stopped:
                self._runner.cancel()
            conclusion, message = self._runner.run(lambda: changed(progress))
            if self._runner.timed_out:
                message = (
                    f"The job has exceeded the maximum execution time of {to_string(minutes)}m0s"
                )
            outputs = self._outputs(progress)
            size = sum(len(value.encode()) for value in outputs.values())
            if size > MAX_OUTPUTS:
                text = f"The outputs of the job have {size} bytes; the limit is {MAX_OUTPUTS}."
                return self._fail(progress, text)
            return conclusion, outputs, message
        except ExpressionError as error:
            return self._fail(progress, str(error))
        finally:
            progress.close()
            changed(progress)

    def _fail(self, progress: Progress, message: str) -> tuple[Conclusion, dict[str, str], str]:
        progress.write(1, f"##[error]{message}")
        return Conclusion.FAILURE, {}, message

    def _process_env(self) -> dict[str, str]:
        given = dict(self._host.runner_env())
        given.setdefault("PATH", os.environ.get("PATH", os.defpath))
        if uv := os.environ.get("UV"):  # the locked uv, where make started us
            given.setdefault("UV", uv)
        return given

    def _environment(self, token: str) -> tuple[dict[str, str], list[str]]:
        """Variables of the job, and the values its logs must not show."""
        env = jobfile.environment(self._github)
        env["GITHUB_JOB"] = self.instance.node.spec.id
        env["RUNNER_NAME"] = "sandbox"
        env["RUNNER_ENVIRONMENT"] = "github-hosted"
        env["SANDBOX_PYTHON"] = env["SETUP_PYTHON"] = sys.executable
        env["SANDBOX_ARTIFACTS"] = str(self._store.artifact_folder(self._run.id))
        masks = [token, *self._secrets.values()]
        if self._job.permissions.get("id-token") == "write":
            url, bearer = self._host.oidc_request(self._job)
            env["ACTIONS_ID_TOKEN_REQUEST_URL"] = url
            env["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] = bearer
            masks.append(bearer)
        return env, masks

    def _introduce(self, progress: Progress) -> None:
        """The first lines of the log, as at GitHub."""
        names: Mapping[str, str] = self._job.permissions
        lines = ["Runner: sandbox (act on the host)", "##[group]GITHUB_TOKEN Permissions"]
        lines += [f"{name.title()}: {level}" for name, level in sorted(names.items())]
        lines += ["Metadata: read", "##[endgroup]", f"Complete job name: {self._job.name}"]
        progress.write(1, "\n".join(lines))

    def _outputs(self, progress: Progress) -> dict[str, str]:
        """``jobs.<id>.outputs``; one that may hold a secret is dropped, as GitHub does."""
        spec = self.instance.node.spec
        known: dict[str, Value] = {
            **self._scope.contexts,
            "steps": progress.context(),
            "env": dict(progress.env),
            "job": {"status": str(progress.result or "")},
        }
        scope = Scope(known)
        outputs = {}
        for name, text in (spec.get("outputs") or {}).items():
            value = render(str(text), scope)
            if progress.holds_secret(value):
                progress.write(1, f"##[warning]Skip output '{name}' since it may contain secret.")
            else:
                outputs[name] = value
        return outputs
