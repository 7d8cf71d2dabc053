"""The models that the settings name, ready to be asked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from knowledgeweaver.extract.budget import Budget, Ledger
from knowledgeweaver.extract.cache import Cache
from knowledgeweaver.extract.caller import Caller
from knowledgeweaver.extract.modelled import ModelExtractor
from knowledgeweaver.extract.port import Extractor
from knowledgeweaver.extract.provider import Model
from knowledgeweaver.extract.settings import ModelSettings


@dataclass(frozen=True, slots=True)
class Models:
    """What the application needs of models. ``extractor`` is None where rules read the chunks."""

    extractor: Extractor | None
    answers: Caller | None  # None where answers are passages
    budget: Budget


def choose(settings: ModelSettings, cache: Cache, ledger: Ledger) -> Models:
    """Open the models. No call is made yet; a model that is away shows at its first call."""
    budget = Budget(
        ledger, document=settings.kw_budget_document_usd, day=settings.kw_budget_day_usd
    )
    extractor: Extractor | None = None
    if settings.extraction == "recorded":
        from knowledgeweaver.extract.recorded import RecordedExtractor

        extractor = RecordedExtractor(Path(settings.kw_recordings))
    elif settings.extraction == "model":
        caller = _caller(settings, settings.kw_model)
        extractor = ModelExtractor(caller, cache, budget, settings.kw_model_max_tokens)
    answers = None
    if settings.answers == "model":
        answers = _caller(settings, settings.kw_answer_model or settings.kw_model)
    return Models(extractor, answers, budget)


def _caller(settings: ModelSettings, name: str) -> Caller:
    price, concurrency = settings.price(name), settings.kw_model_concurrency
    return Caller(_model(settings, name), price, concurrency=concurrency)


def _model(settings: ModelSettings, name: str) -> Model:
    attempts, timeout = settings.kw_model_attempts, settings.kw_model_timeout
    if settings.kw_model_provider == "bedrock":
        # half a second to load, which only those should wait for who need it
        from knowledgeweaver.extract.bedrock import BedrockModel

        return BedrockModel(
            name,
            settings.aws_region,
            attempts=attempts,
            timeout=timeout,
            concurrency=settings.kw_model_concurrency,
        )
    from knowledgeweaver.extract.openai import OpenAIModel

    return OpenAIModel(
        name,
        settings.openai_base_url,
        key=settings.openai_api_key.get_secret_value(),
        attempts=attempts,
        timeout=timeout,
    )
