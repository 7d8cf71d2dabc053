"""Each rule of coverage broken once: (module, its text, the text that breaks it)."""

from __future__ import annotations

import importlib
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.domain.stories import Rules

#: In the order in which they import each other.
MODULES = [
    "hashing",
    "setlike",
    "record",
    "containment",
    "reading",
    "equality",
    "coverage",
    "decision",
]

Mutation = tuple[str, str, str]

MUTATIONS: list[Mutation] = [
    ("hashing", 'f"path\\0{path}"', '"path"'),
    ("hashing", 'f"leaf\\0{place}\\0{text}"', 'f"leaf{place}"'),
    ("hashing", "        if self.image:", "        if False:"),
    ("hashing", 'f"object\\0{identity}"', '"object"'),
    ("hashing", 'f"import\\0{import_id}"', '"import"'),
    ("hashing", "        if value is UNKNOWN:", "        if False:"),
    ("record", "return UNKNOWN_LEAF if UNKNOWN_LEAF in parents else None", "return None"),
    ("record", "UNKNOWN_LEAF if UNKNOWN_LEAF in parents else None", "UNKNOWN_LEAF"),
    ("record", "if change.action is Action.READ:", "if change.action is Action.CREATE:"),
    ("record", "previous_address=change.previous_address,", ""),
    ("record", "deposed=change.deposed,", ""),
    ("record", "return self.address, self.deposed", 'return self.address, ""'),
    ("record", "identity=hasher.identity(change.identity),", ""),
    ("record", "import_id=hasher.imported(change.import_id),", ""),
    ("record", "account=plan.place.account,", ""),
    ("record", "region=plan.place.region,", ""),
    ("record", "modules=plan.place.modules,", ""),
    ("containment", "Action.NO_OP: frozenset({Action.NO_OP})", "Action.NO_OP: frozenset(Action)"),
    ("containment", "{Action.CREATE, Action.UPDATE, Action.REPLACE})", "Action)"),
    ("containment", "({Action.CREATE, Action.UPDATE, Action.REPLACE})", "({Action.CREATE})"),
    ("containment", "({Action.UPDATE, Action.NO_OP})", "(Action)"),
    ("containment", "({Action.UPDATE, Action.NO_OP})", "({Action.UPDATE})"),
    ("containment", "{Action.REPLACE, Action.CREATE, Action.UPDATE, Action.NO_OP}", "Action"),
    (
        "containment",
        "{Action.REPLACE, Action.CREATE, Action.UPDATE, Action.NO_OP}",
        "{Action.REPLACE, Action.UPDATE, Action.NO_OP}",
    ),
    (
        "containment",
        "{Action.REPLACE, Action.CREATE, Action.UPDATE, Action.NO_OP}",
        "{Action.REPLACE, Action.CREATE, Action.NO_OP}",
    ),
    (
        "containment",
        "Action.DELETE: frozenset({Action.DELETE})",
        "Action.DELETE: frozenset(Action)",
    ),
    (
        "containment",
        "Action.FORGET: frozenset({Action.FORGET})",
        "Action.FORGET: frozenset(Action)",
    ),
    (
        "containment",
        "WHOLE = frozenset({Action.CREATE, Action.REPLACE})",
        "WHOLE = {Action.CREATE}",
    ),
    (
        "containment",
        "WHOLE = frozenset({Action.CREATE, Action.REPLACE})",
        "WHOLE = {Action.REPLACE}",
    ),
    ("containment", "WHOLE = frozenset({Action.CREATE, Action.REPLACE})", "WHOLE = set(Action)"),
    ("containment", "return self.hasher.identity(identity) == recorded.identity", "return True"),
    ("containment", "return bool(change.identity) and self.made(change.identity)", "return True"),
    ("containment", "return bool(change.identity) and self.made(change.identity)", "return False"),
    ("containment", "recorded) or self.made_since(change)", "recorded)"),
    ("containment", "change.type not in STATEFUL and ", ""),
    ("containment", "named = bool(change.identity)", "named = True"),
    ("containment", "recorded)) or self.expendable(change)", "recorded))"),
    ("containment", "    if moved:\n        return moved\n", ""),
    ("containment", "    if change.import_id and objects", "    if False and objects"),
    ("containment", '    if only_drift:\n        return ""\n', ""),
    ("containment", "    if only_drift:", "    if True:"),
    ("containment", "if change.action not in WITHIN[recorded.action]:", "if False:"),
    (
        "containment",
        'return "" if _right_object(change, recorded, objects) else ANOTHER_OBJECT',
        'return ""',
    ),
    (
        "containment",
        "if change.previous_address in (None, recorded.previous_address):",
        "if change.previous_address is None:",
    ),
    ("containment", "if change.previous_address in (None, recorded.previous_address):", "if True:"),
    ("containment", "if recorded.previous_address is not None and objects", "if objects"),
    ("containment", "is not None and objects.reviewed(change.identity, recorded):", "is not None:"),
    ("containment", "case Action.UPDATE if recorded.action in WHOLE:", "case Action.UPDATE:"),
    (
        "containment",
        "case Action.UPDATE if recorded.action in WHOLE:",
        "case Action.UPDATE if False:",
    ),
    ("containment", "return objects.changeable(change, recorded)", "return True"),
    ("containment", "return objects.changeable(change, recorded)", "return False"),
    ("containment", "case Action.REPLACE if change.reason == TAINTED:", "case Action.REPLACE:"),
    (
        "containment",
        "case Action.REPLACE if change.reason == TAINTED:",
        "case Action.REPLACE if 0:",
    ),
    ("containment", 'case Action.DELETE if change.type == "output":', "case Action.DELETE:"),
    ("containment", 'case Action.DELETE if change.type == "output":', "case Action.DELETE if 0:"),
    (
        "containment",
        "case Action.FORGET:\n            return objects.reviewed(change.identity, recorded)",
        "case Action.FORGET if 0:\n            return True",
    ),
    ("containment", "return objects.destroyable(change, recorded)", "return True"),
    (
        "containment",
        "    if change.action is Action.DELETE:\n        unwanted",
        "    if True:\n        unwanted",
    ),
    ("containment", "bool(change.deposed) or change.reason.startswith(NOT_CONFIGURED)", "True"),
    (
        "containment",
        "bool(change.deposed) or change.reason.startswith(NOT_CONFIGURED)",
        "bool(change.deposed)",
    ),
    ("containment", "bool(change.deposed) or change.reason", "change.reason"),
    ("containment", "if unwanted and objects.expendable(change):", "if unwanted:"),
    ("containment", "if unwanted and objects.expendable(change):", "if False:"),
    (
        "containment",
        "if live is not None and live.action is Action.REPLACE:",
        "if live is not None:",
    ),
    (
        "containment",
        'return "" if objects.reviewed(change.identity, live) else ANOTHER_OBJECT',
        'return ""',
    ),
    ("reading", "() if change.action in SETS_NOTHING else change.leaves", "change.leaves"),
    ("reading", "() if change.action in SETS_NOTHING else change.leaves", "()"),
    ("equality", "        if change.action is Action.UPDATE:", "        if True:"),
    ("equality", "drift.get((change.place, leaf.path))", "next(iter(drift.values()), None)"),
    ("equality", "if was is not None and same(was.before, leaf.after)", "if was is not None"),
    ("equality", "same(was.before, leaf.after)", "same(was.after, leaf.after)"),
    ("equality", "(*back, *_emptied(change, back))", "tuple(back)"),
    ("equality", "if any(other.path.startswith(below) for other in change.leaves):", "if True:"),
    ("equality", "leaf.after in HOLLOW and leaf not in back", "leaf not in back"),
    ("equality", "in HOLLOW and leaf not in back", "in HOLLOW"),
    ("equality", "if leaf in corrected or (image", "if (image"),
    ("equality", "if leaf in corrected or (image", "if corrected or (image"),
    ("equality", " or (image and leaf.after == image)", ""),
    ("equality", "(image and leaf.after == image)", "leaf.after == image"),
    ("equality", "(image and leaf.after == image)", "(image and image in str(leaf.after))"),
    ("equality", "return leaf.after is ABSENT and reading.recorded.action in WHOLE", "return True"),
    (
        "equality",
        "return leaf.after is ABSENT and reading.recorded.action in WHOLE",
        "return False",
    ),
    (
        "equality",
        "return leaf.after is ABSENT and reading.recorded.action in WHOLE",
        "return leaf.after is ABSENT",
    ),
    (
        "equality",
        "return leaf.after is ABSENT and reading.recorded.action in WHOLE",
        "return reading.recorded.action in WHOLE",
    ),
    (
        "equality",
        "return said in (UNKNOWN_LEAF, reading.value(leaf.path, leaf.after))",
        "return said == reading.value(leaf.path, leaf.after)",
    ),
    (
        "equality",
        "return said in (UNKNOWN_LEAF, reading.value(leaf.path, leaf.after))",
        "return True",
    ),
    ("coverage", "objects.hasher)\n    unlike", "Hasher(reviewed.key))\n    unlike"),
    (
        "equality",
        "    if recorded.action in SETS_NOTHING:\n        return 0\n    live",
        "    return 0\n    live",
    ),
    (
        "reading",
        "values.get(place, ABSENT), exists)",
        "values.get(place, ABSENT), True)",
    ),
    (
        "reading",
        "values.get(place, ABSENT), exists)",
        "values.get(place, ABSENT), False)",
    ),
    ("reading", "if said in (UNKNOWN_LEAF, self.hasher", "if said in (self.hasher"),
    ("reading", "    if not exists or value not in HOLLOW:", "    if not exists:"),
    ("reading", "for nothing in HOLLOW)", "for nothing in HOLLOW[:1])"),
    (
        "coverage",
        "return not (self.uncovered or self.missing or self.mismatches)",
        "return not (self.uncovered or self.missing)",
    ),
    (
        "coverage",
        "return not (self.uncovered or self.missing or self.mismatches)",
        "return not (self.uncovered or self.mismatches)",
    ),
    (
        "coverage",
        "return not (self.uncovered or self.missing or self.mismatches)",
        "return not (self.missing or self.mismatches)",
    ),
    ("coverage", "deciding = None if mismatches else reviewed", "deciding = reviewed"),
    ("coverage", "if record.format != FORMAT:", "if False:"),
    ("coverage", '("unit", record.unit, str(plan.unit)),', ""),
    ("coverage", '("account", record.account, plan.place.account),', ""),
    ("coverage", '("region", record.region, plan.place.region),', ""),
    ("coverage", '("content of the downloaded modules", record.modules, plan.place.modules),', ""),
    ("coverage", 'if record.verdict != "pass":', "if False:"),
    ("coverage", "if change.action is Action.READ:", "if False:"),
    ("coverage", "if change.action is Action.READ:", "if change.action is not Action.CREATE:"),
    ("coverage", "only_drift = bool(corrected) and", "only_drift ="),
    ("coverage", " and len(corrected) == len(sets(change))", ""),
    ("coverage", " and not (change.previous_address or change.imported):", ":"),
    ("coverage", "if only_drift and not (", "if not ("),
    ("coverage", "if only_drift and not (", "if False and not ("),
    ("coverage", 'places.get((change.address, ""))', "None"),
    ("coverage", "if not reason and unlike:", "if False:"),
    (
        "coverage",
        "return Judgement(change, reason, unlike, corrected)",
        "return Judgement(change, reason)",
    ),
    ("coverage", 'reason = "no reviewed plan covers this"', 'reason = ""'),
    (
        "coverage",
        "    for recorded in reviewed.record.changes:\n        change = fresh",
        "    for recorded in reviewed.record.changes[:0]:\n        change = fresh",
    ),
    ("coverage", "            if change is None\n", "            if True\n"),
    ("reading", "change is None or change.action in (Action.UPDATE, Action.NO_OP)", "True"),
    ("reading", "change is None or change.action in (Action.UPDATE, Action.NO_OP)", "False"),
    ("coverage", "None if recorded.deposed else plan", "plan"),
    ("coverage", "if recorded.action in (Action.DELETE, Action.FORGET):", "if False:"),
    ("coverage", 'and it would stay" if live else ""', 'and it would stay" if False else ""'),
    (
        "coverage",
        "    if live is None:\n        return f",
        '    if live is None:\n        return "" and f',
    ),
    ("coverage", 'return "" if known else ANOTHER_OBJECT', 'return ""'),
    ("coverage", " or made(live.identity)", ""),
    (
        "coverage",
        "return _values(left_out(reading, plan.standing, exists=True))",
        'return ""',
    ),
    (
        "decision",
        "(item.record.time, item.record.id))[::-1]",
        "(item.record.time, item.record.id))",
    ),
    ("decision", "why = named(candidate, wanted) or _invalid", "why = _invalid"),
    ("decision", "or _invalid(candidate, newest_first, wanted)", ""),
    ("decision", "    if record.format != FORMAT:\n", "    if False:\n"),
    ("decision", "    if record.unit != str(wanted.plan.unit):\n", "    if False:\n"),
    ("decision", "if purpose is not None and record.purpose != purpose:", "if False:"),
    ("decision", "if purpose is None and record.purpose == Purpose.DESTROY:", "if False:"),
    ("decision", "if record.configuration != wanted.configuration:", "if False:"),
    ("decision", "    if record.purpose == Purpose.REVIEW:\n", "    if False:\n"),
    ("decision", "    if foreign:\n        return foreign\n", ""),
    ("decision", "    if candidate is stood:\n", "    if False:\n"),
    ("decision", "siblings.index(candidate) < siblings.index(stood):", "False:"),
    ("decision", "others += [one for one in candidates if not _not_dispatched(one, wanted)]", ""),
    ("decision", "if not _not_dispatched(one, wanted)]", "]"),
    ("decision", "record.purpose != Purpose.REVIEW or record.id", "record.id"),
    ("decision", " or record.id not in wanted.dispatched:", ":"),
    ("decision", "if not x.reviewed and x.commit not in record.landings]", "if not x.reviewed]"),
    ("decision", "if not x.reviewed and x.commit", "if x.commit"),
    ("decision", "    if unseen:\n", "    if False:\n"),
    ("decision", "    if not mine[0].reviewed:\n", "    if False:\n"),
    ("decision", "    if record.head != mine[0].head:\n", "    if False:\n"),
    ("decision", "    if record.base_ref != wanted.base_ref:\n", "    if False:\n"),
    ("decision", "        if one.record.pull_request == landing.pull\n", "        if True\n"),
    ("decision", "        and one.record.format == FORMAT\n", ""),
    ("decision", "        and one.record.unit == str(wanted.plan.unit)\n", ""),
    (
        "decision",
        "        and one.record.purpose in (Purpose.PULL_REQUEST, Purpose.MERGE_GROUP)\n",
        "",
    ),
    ("decision", "        and not _foreign(one, wanted)\n", ""),
    ("decision", "    if landing.approved_at is None:\n", "    if False:\n"),
    ("decision", "return siblings[-1] if siblings else None", "return siblings[0]"),
    ("decision", "one.record.time <= landing.approved_at", "one.record.time < landing.approved_at"),
    ("decision", "one.record.time <= landing.approved_at", "True"),
    ("decision", "return before[-1] if before", "return before[0] if before"),
    ("decision", "else next(iter(siblings), None)", "else siblings[-1]"),
    ("decision", "else next(iter(siblings), None)", "else None"),
    ("decision", "made=wanted.made).covered:", "made=wanted.made).covered and False:"),
    ("decision", "        if change.action is Action.READ:\n", "        if False:\n"),
    ("decision", "if not any(_acts(change, one, wanted) for one in stood):", "if False:"),
    ("decision", "if not _known(leaf, now, before, wanted.image):", "if False:"),
    ("decision", "return not leftover(", "return bool("),
    ("decision", "return not exceeds(change, recorded, objects)", "return True"),
    ("decision", "if equal or (image and leaf.after == image):", "if equal:"),
    ("decision", "if equal or (image and leaf.after == image):", "if True:"),
    ("decision", "    if unknown_now and any(", "    if False and any("),
    ("decision", "    if unknown_now and any(", "    if any("),
    ("decision", "return any(text == UNKNOWN_LEAF for _, text in said)", "return False"),
    ("decision", "return any(text == UNKNOWN_LEAF for _, text in said)", "return True"),
    (
        "decision",
        "    hasher = Hasher(reviewed.key, wanted.image)\n",
        "    hasher = Hasher(reviewed.key)\n",
    ),
    ("decision", "        if recorded.place == change.place\n", "        if True\n"),
    # sets and maps with something unknown in them
    ("setlike", "if len(found) > 1 and may_be_set(found):", "if len(found) > 1:"),
    ("setlike", "return len(kinds) < 2 and all(", "return all("),
    ("setlike", "one < other or (one == other and _vague(element))", "one <= other"),
    ("setlike", "one < other or (one == other and _vague(element))", "one < other"),
    ("setlike", "one < other or (one == other and _vague(element))", "True"),
    ("setlike", 'return 1, "", 0', 'return 0, "unknown", 0'),
    ("setlike", 'return 2, "", 0', 'return 0, "null", 0'),
    ("setlike", 'return 0, "object", _text(_nested(element))', 'return 0, "object", ""'),
    ("setlike", 'return 0, "string", value', 'return 0, "string", ""'),
    ("setlike", "if own and all(leaves", "if all(leaves"),
    ("setlike", "== parent and not _item(path) for", "== parent for"),
    ("record", "live = None if still else plan", "live = None if True else plan"),
    ("record", "for path in unsettled(ends)}", "for path in ()}"),
    ("record", "for path in may_be_empty(ends))", "for path in ())"),
    ("reading", "if value is EMPTY_MAP and self", "if value in HOLLOW and self"),
    (
        "reading",
        "value is EMPTY_MAP and self.hasher.path(place) in self.recorded.fillable",
        "False",
    ),
    ("reading", "value is EMPTY_MAP and self.hasher.path(place) in self.recorded.fillable", "True"),
    (
        "reading",
        "told(self.known if matched else self.recorded.leaves, self",
        "told(self.recorded.leaves, self",
    ),
    ("reading", "self.hasher.value(place, ABSENT) if matched else None", "None"),
    ("reading", "self.hasher.value(place, ABSENT) if matched", "UNKNOWN_LEAF if matched"),
    ("reading", "return self.moved[part] + path[len(part) :]", "return path"),
    ("reading", "found) <= len(said) <= LARGEST or not may_be_set(found):", "found) <= len(said):"),
    ("reading", "if not all(settle(who, set()) for who in range(len(wishes))):", "if False:"),
    ("reading", "if wish not in taken or settle(taken[wish], seen):", "if True:"),
    ("reading", "if wish not in taken or settle(taken[wish], seen):", "if wish not in taken:"),
    ("reading", "*[gone] * (len(said) - len(found))", ""),
    ("reading", "if set(one.values()) == {UNKNOWN_LEAF}]", "]"),
    ("reading", "if set(one.values()) == {UNKNOWN_LEAF}]", "if False]"),
    ("reading", "{now: place} | self.below(leaves, now, place)", "{now: place}"),
    (
        "reading",
        "        if reading.ends(leaves, said, exists=self.exists):\n",
        "        if False:\n",
    ),
    ("reading", "said, exists=self.exists)", "said, exists=False)"),
    (
        "reading",
        "return all(self._reviewed(path, value, reading) for path, value in leaves.items())",
        "return True",
    ),
    ("reading", "return path not in self.setting and value in HOLLOW", "return False"),
    (
        "reading",
        "return path not in self.setting and value in HOLLOW",
        "return path not in self.setting",
    ),
]

#: law -> a mutation that this law alone must notice.
LAW_MUTATIONS: dict[str, Mutation] = {
    "law_own_record": (
        "equality",
        "return said in (UNKNOWN_LEAF, reading.value(leaf.path, leaf.after))",
        "return said == 2",
    ),
    "law_interrupted": (
        "containment",
        "case Action.REPLACE if change.reason == TAINTED:",
        "case Action.REPLACE if 0:",
    ),
    "law_drift": ("equality", "same(was.before, leaf.after)", "same(was.after, leaf.after)"),
    "law_one_known_leaf": (
        "equality",
        "return said in (UNKNOWN_LEAF, reading.value(leaf.path, leaf.after))",
        "return True",
    ),
    "law_one_leaf_taken_away": (
        "equality",
        "    if recorded.action in SETS_NOTHING:\n        return 0\n    live",
        "    return 0\n    live",
    ),
    "law_one_more_change": (
        "coverage",
        'reason = leftover(change, places.get((change.address, "")), objects)',
        'reason = "" if change.action is Action.CREATE else "no"',
    ),
    "law_one_change_missing": ("coverage", 'and it would not be there"', 'and" and ""'),
    "law_worse_action": (
        "containment",
        "if change.action not in WITHIN[recorded.action]:",
        "if False:",
    ),
    "law_another_object": (
        "containment",
        "return self.hasher.identity(identity) == recorded.identity",
        "return True",
    ),
    "law_another_place": ("coverage", '("region", record.region, plan.place.region),', ""),
    "law_half_made_is_no_excuse": (
        "equality",
        "return leaf.after is ABSENT and reading.recorded.action in WHOLE",
        "return reading.recorded.action in WHOLE",
    ),
    "law_a_set_is_what_it_may_have_turned_out_as": (
        "reading",
        "if wish not in taken or settle(taken[wish], seen):",
        "if True:",
    ),
    "law_a_foreign_record": (
        "decision",
        "    if record.head != mine[0].head:\n",
        "    if False:\n",
    ),
    "law_a_late_record_adds_nothing": (
        "decision",
        "if not _known(leaf, now, before, wanted.image):",
        "if False:",
    ),
}


@contextmanager
def broken(mutation: Mutation) -> Iterator[Rules]:
    """The functions under test, with one text of one module replaced."""
    name, old, new = mutation
    kept = {one: sys.modules[f"pipeline.domain.{one}"] for one in MODULES}
    try:
        for one in MODULES[MODULES.index(name) :]:
            _load(one, old if one == name else "", new)
        yield types.SimpleNamespace(
            cover=_now("coverage").cover,
            decide=_now("decision").decide,
            named=_now("decision").named,
            Wanted=_now("decision").Wanted,
        )
    finally:
        sys.modules.update({f"pipeline.domain.{one}": module for one, module in kept.items()})


def _now(name: str) -> types.ModuleType:
    return importlib.import_module(f"pipeline.domain.{name}")


def _load(name: str, old: str, new: str) -> None:
    path = f"pipeline.domain.{name}"
    source = Path(str(sys.modules[path].__file__)).read_text()
    if old:
        assert source.count(old) == 1, f"{old!r} does not name one place of {name}.py"
        source = source.replace(old, new)
    module = types.ModuleType(path)
    module.__file__ = sys.modules[path].__file__
    sys.modules[path] = module
    exec(compile(source, path, "exec"), module.__dict__)  # noqa: S102
