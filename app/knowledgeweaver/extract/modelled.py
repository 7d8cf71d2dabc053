"""Extraction by a model: asked, checked, asked once more where the form is not filled in right."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace

from pydantic import ValidationError

from knowledgeweaver.extract import cache as cached
from knowledgeweaver.extract.budget import NOTHING, Allowance, Budget
from knowledgeweaver.extract.cache import Cache
from knowledgeweaver.extract.caller import Caller, asked_tokens
from knowledgeweaver.extract.check import check
from knowledgeweaver.extract.port import Extraction, ExtractionFailed, Extractor, Usage
from knowledgeweaver.extract.prices import tokens
from knowledgeweaver.extract.prompt import EXTRACT, extraction_call, prompt
from knowledgeweaver.extract.provider import ModelFailed
from knowledgeweaver.extract.schema import Found, complaint
from knowledgeweaver.telemetry import metrics

log = logging.getLogger(__name__)

#: Once, and once more where the form was filled in wrong.
TRIES = 2
#: Tokens of notes for a token of text, as the recorded extractions have it with their quotes.
NOTES_PER_TOKEN = 1.5


@dataclass(frozen=True, slots=True)
class ModelExtractor:
    """The port's extractor over a model. ``allowance`` is a document's; None: the day's only."""

    caller: Caller
    cache: Cache
    budget: Budget
    max_tokens: int = 4096
    allowance: Allowance | None = None

    @property
    def name(self) -> str:
        """The provider, the model and the prompt's version."""
        model = self.caller.model
        return f"{model.provider} {model.name} {prompt(EXTRACT).version}"

    def within(self, allowance: Allowance) -> ModelExtractor:
        """The same extractor for the chunks of one document; what they cost is in the allowance."""
        return replace(self, allowance=allowance)

    def extract(self, text: str, *, title: str, language: str) -> Extraction:
        """Read one chunk; raises ExtractionFailed. Nothing is paid for a chunk read before."""
        key = self._key(text, title, language)
        usage = Usage()
        found = self._kept(key)
        if found is None:
            found, usage = self._asked(text, title, language)
            self.cache.put(key, found.model_dump_json())
        else:
            metrics.emit({"ModelCacheHits": 1})
        checked = check(found, text, title)
        if checked.dropped:
            log.info("%s: %d notes do not stand in the chunk", self.name, checked.dropped)
        return Extraction(checked.mentions, checked.facts, usage)

    def estimate(self, texts: Iterable[str], *, title: str, language: str) -> Usage:
        """About what these chunks will take and cost; those read before cost nothing."""
        total = Usage()
        for text in texts:
            if self._kept(self._key(text, title, language)) is not None:
                continue
            call = extraction_call(text, title=title, language=language, max_tokens=self.max_tokens)
            asked = asked_tokens(call)
            written = min(self.max_tokens, int(tokens(text) * NOTES_PER_TOKEN))
            total += Usage(asked, written, self.caller.price.usd(asked, written))
        return total

    def forget(self, texts: Iterable[str]) -> None:
        """Keep no answer about these chunks any more, whichever model gave it."""
        self.cache.forget([cached.chunk(text) for text in texts])

    def _key(self, text: str, title: str, language: str) -> str:
        model = self.caller.model
        return cached.key(
            text,
            title=title,
            language=language,
            prompt_version=prompt(EXTRACT).version,
            model=f"{model.provider} {model.name}",
        )

    def _kept(self, key: str) -> Found | None:
        kept = self.cache.get(key)
        if kept is None:
            return None
        try:
            return Found.model_validate_json(kept)
        except ValidationError:
            return None  # of another release; asked again

    def _asked(self, text: str, title: str, language: str) -> tuple[Found, Usage]:
        allowance = self.allowance or self.budget.answer()
        usage = Usage()
        wrong = ""
        for _ in range(TRIES):
            call = extraction_call(
                text, title=title, language=language, max_tokens=self.max_tokens, complaint=wrong
            )
            try:
                reply, used = self.caller.fill(call, allowance)
            except ModelFailed as error:
                raise ExtractionFailed(error.reason, str(error)) from error
            usage += used
            try:
                return Found.model_validate(reply.filled), usage
            except ValidationError as error:
                wrong = complaint(error)
        raise ExtractionFailed("malformed", f"{self.name} filled the form in wrong twice: {wrong}")


def for_document(
    extractor: Extractor, spent: Usage = NOTHING
) -> tuple[Extractor, Allowance | None]:
    """The extractor for the chunks of one document, and the allowance that they share.

    ``spent`` is what a run that was broken off had used of it. None where no model is asked, which
    costs nothing. ``allowance.usage`` counts every call, those that failed, too.
    """
    if not isinstance(extractor, ModelExtractor):
        return extractor, None
    allowance = extractor.budget.document(spent)
    return extractor.within(allowance), allowance
