# ruff: noqa: RUF001 - words of several scripts
"""Relations between the names of a sentence, by rule: definitions, aliases, and who does what."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from knowledgeweaver.extract.letters import CAPITALS
from knowledgeweaver.extract.names import Name
from knowledgeweaver.extract.port import Fact
from knowledgeweaver.extract.vocabulary import (
    AND,
    COPULAS,
    POSSESSIVES,
    PREPOSITIONS,
    PRONOUNS,
    RELATIVES,
)

#: The predicate of two names of one thing, in whatever words the text says so.
ALIAS = "also known as"
#: Words between two names that are farther apart say little about both.
MAX_BETWEEN = 90
MAX_OBJECT = 80
_QUOTES = " \n\"'“„«"
_LEAD = 40  # characters that may stand before a sentence's subject

_WORDS = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_FIRST_WORD = re.compile(r"[^\W\d_]+")
_ACRONYM = re.compile(rf"(?:[{CAPITALS}]\.?){{2,10}}s?")
_ALIAS_WORDS = re.compile(
    r"(?:,|\()?\s*(?:(?:which|who)\s)?(?:(?:is|was|are|were)\s)?(?:(?:also|better|formerly|commonly|"
    r"previously|otherwise|now|often|sometimes|simply)\s)*(?:known as|called|nicknamed|renamed|"
    r"abbreviated(?: as| to)?|short for|formerly|stage name)(?:\s(?:the|as))?"
    r"|,?\s*(?:auch|früher|kurz|später|besser)\s?(?:bekannt als|genannt|als)?"
    r"|,?\s*(?:également|aussi|autrefois)?\s?(?:appelée?|connue? sous le nom d[e']|dite?)"
    r"|,?\s*(?:также|ранее)\s?(?:известн\w+ как|называ\w+)?",
    re.IGNORECASE,
)
# A definition's phrase ends where a clause or a place begins.
_PHRASE_END = re.compile(
    r"[.,;:()!?\n—]|\s(?:that|which|who|whose|where|when|in|on|at|by|from|with|for|and|but|since|"
    r"located|based|founded|born|im|bei|mit|von|aus|und|qui|dans|en|à|et|par|située?|в|на|и|с|"
    r"который|которая|которое)\s"
)
# "The company", also after "In 1999": the topic by another word.
_COMMON_SUBJECT = re.compile(
    r"(?:(?:in|since|by|im jahr|seit|depuis|en)\s(?:\w+\s)?\d{4},?\s)?"
    r"(?:the|this|der|die|das|le|la)\s"
    r"(?=[^\W\d_])",
    re.IGNORECASE,
)
_POSSESSIVE = re.compile(rf"\b(?:{'|'.join(sorted(POSSESSIVES))})\s[^\W\d_]+", re.IGNORECASE)
# What may stand between a name and its verb: "(IBM)", ", a firm of Bonn,".
_ASIDE = re.compile(r"\s?\([^()\n]{0,100}\)|,[^,.\n]{0,80},")
_ARTICLE = re.compile(
    r"(?:a|an|the|one of the|ein|eine|einer|der|die|das|un|une|le|la|l'|una)\s", re.IGNORECASE
)
_CJK_COPULA = re.compile(r"とは|は|，?是")
_CJK_OPENERS = " 「『《“"
_CJK_MARKS = " 。、，；的「」『』《》"
# In Japanese a noun stands before "です"; what ends in a verb is no definition.
_PHRASES = {
    "ja": re.compile(
        r"[^。、；！？\n]{2,60}?(?<=[\u30a1-\u30ff\u3400-\u9fff])"
        r"(?=(?:です|でした|である|であり|であった|だった|だ|で)?(?:[。、；！？\n]|\Z))"
    ),
    "zh": re.compile(r"[^。、，；！？\n]{2,60}"),
}


def relations(
    text: str,
    names: Sequence[Name],
    sentences: Sequence[tuple[int, int]],
    topic: str,
    language: str,
) -> Iterator[Fact]:
    """The facts that the sentences state, in order.

    ``topic`` is what a sentence without a subject of its own is about, at first the document's
    title; after a sentence that begins with a name it is that name.
    """
    position = 0
    for start, end in sentences:
        while position < len(names) and names[position].start < start:
            position += 1
        first = position
        while position < len(names) and names[position].end <= end:
            position += 1
        inside = names[first:position]
        if language in ("ja", "zh"):
            yield from _cjk(text, start, end, inside, topic, language)
            if inside and inside[0].start == start and not inside[0].kind:
                topic = inside[0].text
            continue
        yield from _aliases(text, inside)
        if inside and (inside[0].start, inside[-1].end) == (start, end) and len(inside) == 1:
            continue  # a heading, which is about nothing yet
        subject, after, rest = _subject(text, start, inside, topic)
        if subject:
            if subject != topic and topic:
                yield from _belonging(text, subject, topic, start, after, end)
            topic = subject
            yield from _definition(text, subject, start, after, end)
            yield from _actions(text, subject, start, after, rest)


def _subject(
    text: str, start: int, inside: Sequence[Name], topic: str
) -> tuple[str, int, Sequence[Name]]:
    """Who or what a sentence is about, where it ends there, and the names after it.

    The first name, where only a few words stand before it and none of them is a verb or stands
    for somebody; the topic, where the sentence begins with "she", "its director" or "the company".
    """
    name = next((each for each in inside if not each.kind), None)
    lead_end = min(name.start if name else start + _LEAD, start + _LEAD)
    for word in _FIRST_WORD.finditer(text, start, lead_end):
        lower = word[0].lower()
        if lower in PRONOUNS or lower in POSSESSIVES:
            rest = [each for each in inside if each.start >= word.end()]
            return (topic, word.end(), rest) if topic else ("", start, ())
        if lower in COPULAS:
            name = None
            break
    if name and name.start - start <= _LEAD:
        return name.text, name.end, inside[inside.index(name) + 1 :]
    common = _COMMON_SUBJECT.match(text, start)
    if topic and common:
        return topic, common.end(), [each for each in inside if each.start >= common.end()]
    return "", start, ()


def _definition(text: str, subject: str, start: int, after: int, end: int) -> Iterator[Fact]:
    """The fact of "X is a Y": the copula right after the subject, then a phrase."""
    if aside := _ASIDE.match(text, after, end):
        after = aside.end()
    verb = _FIRST_WORD.match(text, after + 1)
    if text[after : after + 3] in (" — ", " – "):
        verb, phrase_start = None, after + 3
    elif verb and verb[0].lower() in COPULAS:
        phrase_start = verb.end() + 1
    else:
        return
    article = _ARTICLE.match(text, phrase_start)
    if not article and verb:
        return
    phrase_start = article.end() if article else phrase_start
    stop = _PHRASE_END.search(text, phrase_start, end)
    phrase_end = min(stop.start() if stop else end, phrase_start + MAX_OBJECT)
    phrase = " ".join(text[phrase_start:phrase_end].split())
    if phrase and phrase != subject:
        yield Fact(subject, verb[0].lower() if verb else "is", phrase, start, phrase_end)


def _belonging(
    text: str, subject: str, topic: str, start: int, after: int, end: int
) -> Iterator[Fact]:
    """The fact of "X has been its director": what X is to the sentence before's subject."""
    own = _POSSESSIVE.search(text, after, min(after + _LEAD, end))
    if (
        own
        and text[after : own.start()].strip().count(" ") <= 3
        and "," not in text[after : own.start()]
    ):
        said = " ".join(text[after : own.end()].split())
        yield Fact(subject, said, topic, start, own.end())


def _actions(
    text: str, subject: str, start: int, after: int, rest: Sequence[Name]
) -> Iterator[Fact]:
    """The facts of "X founded Y in Z": each further name with the words that lead to it."""
    verb = ""  # the last words that say what is done
    for name in rest:
        between = text[after : name.start]
        if len(between) > MAX_BETWEEN:
            after = name.end
            continue
        words = _WORDS.findall(between)
        if words and words[0].lower() in RELATIVES and previous_name(rest, name):
            subject, verb = previous_name(rest, name), ""
            words = words[1:]
        elif words and words[0].lower() in AND:
            words = words[1:]
        if any(word.lower() not in PREPOSITIONS for word in words):
            predicate = " ".join(words)
            while words and words[-1].lower() in PREPOSITIONS:
                words.pop()
            verb = " ".join(words)
        elif words and verb:
            # "was born in 1950 in Paris": the verb of before with this preposition
            predicate = f"{verb} {' '.join(words)}" if name is not rest[0] else " ".join(words)
        else:
            predicate = verb or " ".join(words)
        if predicate and name.text != subject:
            yield Fact(subject, predicate[:MAX_OBJECT], name.text, start, name.end)
        after = name.end


def previous_name(names: Sequence[Name], name: Name) -> str:
    """The name before this one, "" where there is none or it is a date."""
    at = names.index(name)
    return names[at - 1].text if at and not names[at - 1].kind else ""


def _aliases(text: str, inside: Sequence[Name]) -> Iterator[Fact]:
    """The facts of "International Business Machines (IBM)" and "X, also known as Y"."""
    for first, second in pairwise(inside):
        if first.kind or second.kind:
            continue
        between = text[first.end : second.start].strip(_QUOTES)
        if between == "(":
            closed = text[second.end : second.end + 1] in (")", ";", ",")
            if not closed or not _abbreviates(first.text, second.text):
                continue
        elif (
            not 3 <= len(between) <= 40
            or between in PREPOSITIONS
            or not _ALIAS_WORDS.fullmatch(between)
        ):
            continue
        yield Fact(first.text, ALIAS, second.text, first.start, second.end)


def _abbreviates(one: str, other: str) -> bool:
    """Whether one of two names is made of the first letters of the other, in order."""
    short, long = sorted((one, other), key=len)
    if not _ACRONYM.fullmatch(short):
        return False
    letters = short.replace(".", "").rstrip("s").lower()
    initials = [word[0].lower() for word in re.split(r"[\s-]+", long) if word]
    without_links = [
        word[0].lower() for word in re.split(r"[\s-]+", long) if word and not word.islower()
    ]
    return letters in ("".join(initials), "".join(without_links))


def _cjk(
    text: str, start: int, end: int, inside: Sequence[Name], topic: str, language: str
) -> Iterator[Fact]:
    """The facts of "XはYです" and "X是Y", and the first name with each further one.

    The verb stands after the object in Japanese, before it in Chinese.
    """
    subject = next((name for name in inside if not name.kind), None)
    if subject is not None:
        copula = _CJK_COPULA.match(text, subject.end, end)
        if copula and (phrase := _PHRASES[language].match(text, copula.end(), end)):
            yield Fact(subject.text, copula[0].strip("，"), phrase[0], start, phrase.end())
    begins = subject is not None and text[start : subject.start].strip(_CJK_OPENERS) == ""
    about = subject.text if subject is not None and begins else topic
    after = start
    for number, name in enumerate(inside):
        if about and name.text != about:
            following = inside[number + 1].start if number + 1 < len(inside) else end
            before, behind = text[after : name.start], text[name.end : following]
            said = behind if language == "ja" and begins else f"{before} {behind}"
            if said := said.strip(_CJK_MARKS)[:30] or text[name.end : end].strip(_CJK_MARKS)[:30]:
                yield Fact(about, said, name.text, start, end)
        after = name.end
