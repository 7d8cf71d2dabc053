# ruff: noqa: RUF001 - characters of Chinese and Japanese are what this file is about
"""Names and dates by rule in Chinese and Japanese, which have neither capitals nor spaces."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledgeweaver.extract.names import Name

_HAN = "\u3005\u3007\u3400-\u9fff\uf900-\ufaff"
_KATAKANA = "\u30a1-\u30fa\u30fc-\u30ff"
_DATE = r"(?P<date>\d{4}年(?:\d{1,2}月(?:\d{1,2}日)?)?|\d{1,2}月\d{1,2}日)"
_QUOTED = r"[「『《〈“](?P<quoted>[^「」『』《》〈〉“”。、，\n]{2,30})[」』》〉”]"
# What a place, an institution or a work ends with.
_ENDINGS = (
    "株式会社|有限公司|公司|大学院|大学|学院|高校|学校|研究所|研究院|研究室|博物館|博物馆|美術館|美术馆|"
    "図書館|图书馆|水族館|天文台|観測所|灯台|空港|机场|銀行|银行|協会|协会|学会|財団|基金会|"
    "委員会|委员会|神社|大社|半島|半岛|諸島|群岛|山脈|山脉|盆地|平野|高原|大橋|大桥|運河|运河|鉄道|铁路|"
    "新聞|报社|出版社|製作所|工場|工厂|酒造|市|県|縣|县|府|州|省|区|區|町|村|郡|島|岛|山|川|河|江|湖|湾|"
    "港|駅|站|橋|桥|城|寺|塔|宮|宫|社|号|杯|賞|奖"
)
_WORK = rf"[{_HAN}{_KATAKANA}]"
# Chinese runs on without a break; these characters hardly ever are part of a name.
_CHINESE_BREAK = "的是在于由从到有为了及其被以也就都并而和与这那他她它们之所对把后前中时"
_CHINESE_STOP = f"(?:(?![{_CHINESE_BREAK}]){_WORK})"
_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶"
    "阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
_JAPANESE = re.compile(
    rf"{_DATE}|{_QUOTED}"
    rf"|(?P<foreign>[{_KATAKANA}]{{2,}}(?:[・＝=][{_KATAKANA}]+)*[{_HAN}]{{0,6}})"
    rf"|(?P<name>[{_HAN}]{{2,12}}(?:(?<![船氏員者長家機])[{_KATAKANA}]+)?)"
)
_CHINESE = re.compile(
    rf"{_DATE}|{_QUOTED}"
    rf"|(?P<ending>{_CHINESE_STOP}{{1,12}}?(?:{_ENDINGS})(?:{_ENDINGS})*)"
    rf"|(?P<person>(?<!{_WORK})[{_SURNAMES}]{_CHINESE_STOP}{{1,2}}(?=[{_CHINESE_BREAK}，。、；（]))"
)
_ENDS_AS_NAME = re.compile(rf"{_WORK}+(?:{_ENDINGS})")
# What no name ends with: things that are counted, times, and what is done.
_NO_NAME_END = re.compile(
    r"(?:年|月|日|時|分|秒|人|個|回|本|以上|以下|以内|前後|時代|世紀|年間|代|後|前|中|間|上|下|的|化|者|員|名|数|額|費|性|力)\Z"
)
_TOPIC = re.compile(r"\s*[はが]")
# "市長は…である": who has a role is a name.
_ROLE = re.compile(r"[者長名親人家]は\Z")


def cjk_names(text: str, language: str) -> Iterator[Name]:
    """The names of a Japanese ("ja") or a Chinese text in order; none overlaps another one."""
    pattern = _JAPANESE if language == "ja" else _CHINESE
    for match in pattern.finditer(text):
        kind = match.lastgroup or ""
        start, end = match.span(kind)
        found = match[kind]
        if kind == "name" and not _is_japanese_name(text, start, end, found):
            continue
        if kind == "foreign" and len(found) < 3:
            continue
        yield Name(found, start, end, "date" if kind == "date" else "")


def _is_japanese_name(text: str, start: int, end: int, found: str) -> bool:
    """Whether a run of Han characters names something.

    It does with the ending of a place or an institution, with four characters and more as most
    persons and many titles have, after "the mayor is", and where a sentence begins with it as its
    topic.
    """
    if _NO_NAME_END.search(found):
        return False
    if _ENDS_AS_NAME.fullmatch(found) or len(found) >= 4:
        return True
    if _ROLE.search(text, max(start - 2, 0), start):
        return True
    begins = start == 0 or text[start - 1] in "\n。！？、「"
    return begins and _TOPIC.match(text, end) is not None
