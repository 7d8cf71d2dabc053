"""CKV_KWD_36: Every alarm tells somebody."""

from __future__ import annotations

import re
from typing import Any

from checkov.common.models.enums import CheckCategories
from rule import Rule, setting
from support import values


class AlarmsTell(Rule):
    """It has an action, or it is a part of a composite alarm that has one."""

    rule = "CKV_KWD_36"
    title = "Every alarm tells somebody"
    finding = "An alarm tells nobody."
    remedy = "Give it alarm_actions, or name it in a composite alarm that has them."
    points = ("actions_enabled", "alarm_actions")
    category = CheckCategories.LOGGING
    types = ("aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm")

    def broken(self, conf: dict[str, Any]) -> bool:
        if setting(conf, "actions_enabled") in (False, "false"):
            return True
        if values(conf, "alarm_actions"):
            return False
        name = str(setting(conf, "alarm_name"))
        rules = [
            str(setting(one, "alarm_rule")) for one in self.others("aws_cloudwatch_composite_alarm")
        ]
        return not any(re.search(rf'[("\\]{re.escape(name)}[)"\\]', rule) for rule in rules)


check = AlarmsTell()
