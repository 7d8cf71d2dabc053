# ruff: noqa: RUF001 - Cyrillic words are Cyrillic letters
"""Which language a text is in, by its script and its most common words."""

from __future__ import annotations

import re
from collections import Counter

#: The words that tell languages of one script apart; also what a search leaves out.
STOP_WORDS: dict[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "en": "a an and are as at be been but by did do does for from had has have he her his how "
        "i if in into is it its of on or our she so than that the their them there these they "
        "this those to was we were what when where which who whom whose why will with you your",
        "de": "aber als am an auch auf aus bei bis das dass dem den der des die durch ein eine "
        "einem einen einer eines er es für hat ich ihr im in ist mit nach nicht noch nur oder "
        "sein sich sie sind so über um und uns vom von vor war was welche welcher welches wer "
        "werden wie wir wird wo wurde zu zum zur",
        "fr": "à au aux avec ce ces cette comme dans de des du elle en est et été eu il ils je la "
        "le les leur lui mais ne nous on ou où par pas plus pour qu que quel quelle qui sa se "
        "ses son sont sur un une vous",
        "es": "al como con cual de del donde el ella en entre era es esta este fue ha la las lo "
        "los más no o para pero por que qué quién se ser sin sobre son su sus un una y",
        "it": "al alla che chi ci con da dal dei del della delle di dove e è gli i il in la le lo "
        "ma nel nella non per più quale sono stato su sul un una uno",
        "pt": "ao as com como da das de do dos e é ela ele em entre foi mais na não nas no nos o "
        "os onde ou para pela pelo por qual quem que se sua um uma",
        "nl": "aan als bij dat de deze die dit een en er haar heeft het hij in is maar met naar "
        "niet om ook op te tot uit van voor was wat welke werd wie zijn zij",
        "ru": "а без был была были было в во вы для до его ее её за и из или как какой какая "
        "какие ко когда который кто к мы на не но о об он она они от по под при с со так также "
        "то у что это я где",
        "uk": "або але був була було в від він вона вони для до є за з і із й його її коли на не "
        "про по та так також у це що як який яка де хто",
    }.items()
}
# What is no stop word for a search although one language has it: elsewhere it carries meaning.
_MEANING = frozenset("die war hat son plus era fue sin ser ha pour par comme son met om".split())
ALL_STOP_WORDS = frozenset().union(*STOP_WORDS.values()) - _MEANING

_SAMPLE = 12_000  # characters from the beginning and from the middle
_WORD = re.compile(r"[^\W\d_]+")
_KANA = re.compile("[\u3040-\u30ff\uff66-\uff9d]")
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff]")
_SCRIPTS = (
    ("ko", re.compile("[\uac00-\ud7a3\u1100-\u11ff]")),
    ("el", re.compile("[\u0370-\u03ff]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("he", re.compile("[\u0590-\u05ff]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
    ("hi", re.compile("[\u0900-\u097f]")),
)
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_RUSSIAN = re.compile("[ыэъёЫЭЪЁ]")
_UKRAINIAN = re.compile("[іїєґІЇЄҐ]")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]")


def language_of(text: str) -> str:
    """The ISO 639-1 code, "" where nothing speaks clearly for one language."""
    if len(text) > 2 * _SAMPLE:
        middle = len(text) // 2
        text = text[:_SAMPLE] + text[middle : middle + _SAMPLE]
    kana, han = len(_KANA.findall(text)), len(_HAN.findall(text))
    counts = {language: len(pattern.findall(text)) for language, pattern in _SCRIPTS}
    cyrillic, latin = len(_CYRILLIC.findall(text)), len(_LATIN.findall(text))
    # A character of these scripts says about as much as a syllable.
    if (kana + han) * 3 > latin + cyrillic and kana + han > max(counts.values()):
        return "ja" if kana * 20 > han else "zh"
    script, most = max(counts.items(), key=lambda item: item[1])
    if most > max(latin, cyrillic):
        return script
    if cyrillic > latin:
        # One word in three has a letter that the other language does not know.
        ours, theirs = len(_RUSSIAN.findall(text)), len(_UKRAINIAN.findall(text))
        if ours != theirs:
            return "ru" if ours > theirs else "uk"
        candidates: tuple[str, ...] = ("ru", "uk")
    else:
        candidates = ("en", "de", "fr", "es", "it", "pt", "nl")
    return _by_stop_words(text, candidates)


def _by_stop_words(text: str, candidates: tuple[str, ...]) -> str:
    words = Counter(map(str.lower, _WORD.findall(text)))
    hits = {
        language: sum(words[word] for word in STOP_WORDS[language] & words.keys())
        for language in candidates
    }
    ranked = sorted(hits.items(), key=lambda item: -item[1])
    (first, most), (_, second) = ranked[0], ranked[1]
    enough = most >= 2 and most * 12 >= words.total()
    return first if enough and most > second else ""
