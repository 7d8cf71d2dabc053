"""Text as both stores index it: without accents, and pairs of neighbours where no spaces are."""

from __future__ import annotations

import re
import unicodedata

# Latin, Greek and Cyrillic letters, decomposed; a kana with its mark is another letter
_ACCENTED = re.compile("([A-Za-z\u0370-\u03ff\u0400-\u04ff])[\u0300-\u036f]+")
# Kana, the unified ideographs and their extensions, Hangul
_RUN = re.compile(
    "[\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0003ffff々〆]+"
)


def bigrams(text: str) -> list[str]:
    """Pairs of neighbours in each run of such characters; a lone one stands for itself."""
    found = []
    for run in _RUN.findall(text):
        found += [run[i : i + 2] for i in range(len(run) - 1)] or [run]
    return found


def folded(text: str) -> str:
    """Text without accents, compatible forms made one; as ``text.words.fold`` has single words."""
    if text.isascii():
        return text
    apart = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text))
    return unicodedata.normalize("NFC", _ACCENTED.sub(r"\1", apart))
