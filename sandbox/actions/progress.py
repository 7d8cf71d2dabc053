"""What act tells while it runs a job, turned into steps, logs, outputs and annotations."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from sandbox.actions.expr import Value
from sandbox.actions.jobfile import step_name
from sandbox.actions.model import Annotation, Conclusion, Status, Step
from sandbox.actions.state import now

#: Bytes of one step's summary ("Workflow commands", "Step isolation and limits").
MAX_SUMMARY = 1 << 20
_LEVELS = {"error": "failure", "warning": "warning", "notice": "notice"}


@dataclass(slots=True)
class _Step:
    name: str
    key: str
    status: Status = Status.QUEUED
    conclusion: Conclusion | None = None
    started: datetime | None = None
    completed: datetime | None = None
    outputs: dict[str, Value] = field(default_factory=dict)


class Progress:
    """Follows one job. ``feed`` takes act's lines; the rest is read from any thread.

    Step 1 is "Set up job" and the last one "Complete job", as at GitHub.
    """

    def __init__(
        self, steps: Sequence[Mapping[str, Any]], folder: Path, masks: Iterable[str]
    ) -> None:
        self._specs = steps
        self._masks = {mask for mask in masks if mask}
        middle = [_Step(step_name(s), str(s.get("id") or n)) for n, s in enumerate(steps)]
        self._steps = [_Step("Set up job", "--setup-job"), *middle]
        self._steps.append(_Step("Complete job", "--complete-job"))
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._log: TextIO = self.log_path.open("a", encoding="utf-8")
        self._files: dict[int, TextIO] = {}
        self.summary = ""
        self.annotations: tuple[Annotation, ...] = ()
        self.result: Conclusion | None = None
        self.env: dict[str, Value] = {}
        self.cancelling = False

    @property
    def log_path(self) -> Path:
        """The log of the whole job, each line with its time."""
        return self._folder / "job.txt"

    def mask(self, text: str) -> str:
        """Replace every known secret value."""
        for secret in self._masks:
            text = text.replace(secret, "***")
        return text

    def holds_secret(self, text: str) -> bool:
        """Whether a text holds a masked value (such outputs are dropped)."""
        return "***" in text or any(secret in text for secret in self._masks)

    def write(self, number: int, text: str) -> None:
        """Append to the log of a step (``number`` starts at 1) and of the job."""
        if number not in self._files:
            self._files[number] = self._step_path(number).open("a", encoding="utf-8")
        for line in self.mask(text).replace("\r\n", "\n").rstrip("\n").split("\n"):
            self._files[number].write(line + "\n")
            self._log.write(f"{now().isoformat(timespec='milliseconds')[:23]}Z {line}\n")
        self._files[number].flush()
        self._log.flush()

    def close(self) -> None:
        """Close the files; what never ran was skipped."""
        for step in self._steps:
            if step.status is not Status.COMPLETED:
                self._finish(step, Conclusion.SKIPPED if not step.started else Conclusion.CANCELLED)
        for file in (self._log, *self._files.values()):
            file.close()

    def running(self) -> tuple[str, Mapping[str, Any]] | None:
        """Key and text of the step that runs now, as far as act has told; ``None`` between steps.

        The key is the step's ``id``, else its number, beginning with 0.
        """
        for step, spec in zip(self._steps[1:-1], self._specs, strict=True):
            if step.status is Status.IN_PROGRESS:
                return step.key, spec
        return None

    def snapshot(self) -> tuple[Step, ...]:
        """The steps as they stand."""
        return tuple(
            Step(
                number,
                step.name,
                step.status,
                step.conclusion,
                step.started,
                step.completed,
                self._step_path(number) if number in self._files else None,
            )
            for number, step in enumerate(self._steps, 1)
        )

    def context(self) -> dict[str, Value]:
        """The ``steps`` context at the end of the job."""
        found: dict[str, Value] = {}
        for step, spec in zip(self._steps[1:-1], self._specs, strict=True):
            outcome = str(step.conclusion or Conclusion.SKIPPED)
            tolerated = outcome == "failure" and spec.get("continue-on-error") is True
            if "id" in spec:
                found[str(spec["id"])] = {
                    "outputs": dict(step.outputs),
                    "outcome": outcome,
                    "conclusion": "success" if tolerated else outcome,
                }
        return found

    def _step_path(self, number: int) -> Path:
        return self._folder / f"{number}.txt"

    def feed(self, line: str) -> bool:
        """Take one line of act's JSON; whether a step began or ended."""
        try:
            event: dict[str, Any] = json.loads(line)
        except ValueError:
            return False
        if "jobResult" in event:
            self.result = Conclusion(event["jobResult"])
            return True
        path = event.get("stepID") or event.get("stepid")
        if not path:
            return False
        number, step = self._at(path[0])
        if step is None:
            return False
        return self._apply(number, step, event, len(path) == 1)

    def _at(self, key: str) -> tuple[int, _Step | None]:
        for number, step in enumerate(self._steps, 1):
            if step.key == key:
                return number, step
        return 0, None

    def _apply(self, number: int, step: _Step, event: dict[str, Any], outermost: bool) -> bool:
        command = event.get("command")
        if event.get("raw_output"):
            self.write(number, event["msg"])
        elif command:
            self._command(number, step, command, event, outermost)
        elif event.get("level") == "error":
            self.write(number, f"##[error]{event['msg']}")
        elif outermost and event.get("stage", "Main") == "Main":
            return self._turn(step, event)
        return False

    def _turn(self, step: _Step, event: dict[str, Any]) -> bool:
        if "stepResult" in event:
            result = Conclusion(event["stepResult"])
            interrupted = self.cancelling and result is Conclusion.FAILURE
            self._finish(step, Conclusion.CANCELLED if interrupted else result)
            return True
        if event["msg"].startswith("⭐ Run"):
            step.status, step.started = Status.IN_PROGRESS, now()
            if not step.key.startswith("--"):
                step.name = self._named(step, event)
            return True
        return False

    def _named(self, step: _Step, event: dict[str, Any]) -> str:
        return str(event["step"]) if "${{" in step.name else step.name

    def _finish(self, step: _Step, conclusion: Conclusion) -> None:
        step.status, step.conclusion, step.completed = Status.COMPLETED, conclusion, now()
        if conclusion is Conclusion.SKIPPED:
            step.started = step.started or step.completed

    def _summarise(self, number: int, text: str) -> None:
        """A step's summary; what is too long is not shown at all."""
        size = len(text.encode())
        if size <= MAX_SUMMARY:
            self.summary += self.mask(text)
            return
        message = (
            "$GITHUB_STEP_SUMMARY upload aborted, supports content up to a size of "
            f"{MAX_SUMMARY // 1024}k, got {size // 1024}k."
        )
        self.annotations += (Annotation("failure", message, ".github"),)
        self.write(number, f"##[error]{message}")

    def _command(
        self, number: int, step: _Step, command: str, event: dict[str, Any], outermost: bool
    ) -> None:
        text = str(event.get("arg", ""))
        if command == "add-mask":
            self._masks.update(part for part in (text, *text.splitlines()) if part)
        elif command == "set-output" and outermost:
            step.outputs[event["name"]] = text
        elif command == "set-env":
            self.env[event["name"]] = text
        elif command == "summary":
            self._summarise(number, str(event["content"]))
        elif command in _LEVELS:
            where = event.get("kvPairs") or {}
            line = str(where.get("line", "1"))
            self.annotations += (
                Annotation(
                    _LEVELS[command],
                    self.mask(text.strip()),
                    where.get("file", ""),
                    int(line) if line.isdigit() else 1,
                    where.get("title", ""),
                ),
            )
            self.write(number, f"##[{command}]{text}")
        elif command in ("group", "endgroup", "debug"):
            self.write(number, f"##[{command}]{text}")
