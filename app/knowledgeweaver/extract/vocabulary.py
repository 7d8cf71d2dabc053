# ruff: noqa: RUF001 - Cyrillic words are Cyrillic letters
"""The words the rules know, in the languages they know; all in lower case."""

from __future__ import annotations

MONTHS = frozenset(
    "January February March April May June July August September October November December "
    "Januar Februar März Mai Juni Juli Oktober Dezember "
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre "
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря".split()
)
WEEKDAYS = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag "
    "freitag samstag sonntag".split()
)
DETERMINERS = frozenset(
    "the a an in it he she they we you i this that these those but and or so however when while "
    "after before as at by for from his her its their there then on one to if some many most all "
    "although because since with what who how where why during until both each no not our your my "
    "which whose whom is are was were be will would can could may did does do has have had "
    "der die das dem den des ein eine einer eines einem einen er sie es wir im am auf mit bei nach "
    "seit und oder als auch wer was wo wie wann von vom zum zur aus dort dieser diese dieses sein "
    "seine ihr ihre welche welcher welches "
    "il elle ils elles une cette ces dans aux nous "
    "он она оно они это в на с у по и но а к из для при после его ее её там кто что где".split()
)
#: Articles that are also the first word of names elsewhere (Los Angeles), by language.
ARTICLES = {
    "fr": frozenset("le la les l' un une en au pour on et qui que où ce son sa ses".split()),
    "es": frozenset("el la los las un una en y su esta este".split()),
    "it": frozenset("il lo la i gli le un una".split()),
}
TITLES = frozenset("mr mrs ms dr prof sir captain mayor herr frau mme mlle".split())
COMMON_FIRST = frozenset(
    "other according additionally also among another any around based because being between "
    "currently despite due early eventually every finally first following founded further "
    "furthermore given having here historically in initially instead just later like located "
    "meanwhile moreover more much nearly nevertheless next now often once only originally over "
    "part previously prior recently several similarly sometimes soon still such therefore though "
    "three through throughout thus today together two under unlike usually various very "
    "within without yes yet even notable note see using".split()
)
MARKUP = frozenset(
    "div span kbd class href html body table tr td th li ul ol img src http https www".split()
)
#: In German every noun has a capital; after these one word is a thing and no name.
GERMAN_ARTICLES = frozenset(
    "der die das den dem des ein eine einen einem einer eines kein keine keinen keinem keiner "
    "ihr ihre ihren ihrem ihrer sein seine seinen seinem seiner zum zur im am beim vom ins ans "
    "dieser diese dieses diesem diesen jeder jede jedes alle viele einige mehrere zwei drei vier "
    "fünf sechs sieben acht neun zehn".split()
)
GERMAN_NOUN_ENDINGS = (
    "ung", "ungen", "heit", "heiten", "keit", "keiten", "schaft", "schaften", "ion", "ionen",
    "tät", "täten", "nis", "nisse", "ment", "mente", "tum", "ling", "ismus", "jahr", "jahre",
    "jahren", "tag", "tage", "meter", "kilometer", "prozent",
)  # fmt: skip

#: What a German word ends with where it names a place and not a kind of thing.
GERMAN_PLACES = (
    "brücke", "mühle", "straße", "gasse", "platz", "steg", "werke", "berg", "see", "tal", "burg",
    "dorf", "kirche", "schloss", "turm", "hafen", "wald", "bach", "heim", "hausen", "insel", "tor",
)  # fmt: skip
POSSESSIVES = frozenset(
    "his her its their ihr ihre ihrer ihren ihrem sein seine seiner seinen seinem son sa ses leur "
    "leurs su sus его её ее их".split()
)
PRONOUNS = frozenset(
    "he she it they er sie es il elle ils elles он она оно они ella él ellos lui lei".split()
)
COPULAS = frozenset(
    "is are was were ist sind war waren est sont était étaient fut es era fue son è является "
    "являются был была было были это".split()
)
RELATIVES = frozenset(
    "who which that whose where die der das qui dont où que который которая которое где".split()
)
AND = frozenset("and or as well und oder sowie et ou y e и или а".split())
PREPOSITIONS = frozenset(
    "of in on at by for from to with near into between under over during since until through as "
    "about around after before its his her their the a an "
    "in im am an auf bei mit nach seit von vom vor zu zum zur aus um bis über unter durch für der "
    "die das den dem des ein eine einen einem einer "
    "à au aux avec dans de des du en par pour sur sous vers chez le la les un une d l "
    "в во на с со у по из от до для при к о об под над за".split()
)
