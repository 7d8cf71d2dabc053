"""How well an extractor finds the gold names and facts of this corpus.

    python -m evaluation.extraction        prints precision, recall and F1 of the offline extractor

Names and facts are compared folded (fold of text/words.py), per document. A fact is found where
one with the same two ends was extracted, in either direction: the predicates' words are free.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from evaluation.corpus import documents, gold
from knowledgeweaver.extract.offline import Offline
from knowledgeweaver.extract.port import Extractor
from knowledgeweaver.reading import read
from knowledgeweaver.text.chunks import pieces
from knowledgeweaver.text.words import fold


@dataclass(slots=True)
class Score:
    """Counts of what was right, what was extracted and what the gold has."""

    right: int = 0
    found: int = 0
    wanted: int = 0
    missed: list[str] = field(default_factory=list)

    def add(self, found: set[str], wanted: set[str]) -> None:
        self.right += len(found & wanted)
        self.found += len(found)
        self.wanted += len(wanted)
        self.missed += sorted(wanted - found)

    @property
    def precision(self) -> float:
        return self.right / max(self.found, 1)

    @property
    def recall(self) -> float:
        return self.right / max(self.wanted, 1)

    @property
    def f1(self) -> float:
        return 2 * self.right / max(self.found + self.wanted, 1)


def measure(extractor: Extractor) -> tuple[Score, Score]:
    """The scores of the names and of the facts over all documents.

    Facts with a date or a free phrase as object are not in the gold, so of the extracted facts
    only those count for precision whose two ends are gold names of the document.
    """
    names, facts = Score(), Score()
    wanted = {entry.document: entry for entry in gold()}
    for name, data in documents():
        text = read(data, name)
        found_names: set[str] = set()
        found_facts: set[str] = set()
        for piece in pieces(text):
            extraction = extractor.extract(piece.text, title=text.title, language=text.language)
            found_names |= {key(each.name) for each in extraction.mentions if each.kind != "date"}
            found_facts |= {pair(fact.subject, fact.object) for fact in extraction.facts}
        gold_names = {key(each) for each in wanted[name].names}
        gold_facts = {pair(subject, object_) for subject, _, object_ in wanted[name].facts}
        between_gold = {
            each for each in found_facts if all(end in gold_names for end in each.split(" ~ "))
        }
        names.add(found_names, gold_names)
        facts.add(between_gold | (found_facts & gold_facts), gold_facts)
    return names, facts


def key(name: str) -> str:
    return fold(" ".join(name.split())).removeprefix("the ").rstrip(".")


def pair(one: str, other: str) -> str:
    return " ~ ".join(sorted((key(one), key(other))))


def main() -> None:
    for what, score in zip(("names", "facts"), measure(Offline()), strict=True):
        print(
            f"{what}: precision {score.precision:.2f}, recall {score.recall:.2f}, "
            f"F1 {score.f1:.2f} ({score.right} right, {score.found} found, {score.wanted} wanted)"
        )


if __name__ == "__main__":
    main()
