"""CKV_KWD_20: The audit trail records every call, everywhere, and cannot be forged."""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories
from rule import Rule, setting, settings
from support import blocks, true, values

SWITCHES = ("enable_logging", "include_global_service_events")
OFF = (False, "false")


class AuditTrail(Rule):
    """All regions, global services, reads and writes, and digests that prove files unchanged."""

    rule = "CKV_KWD_20"
    title = "The audit trail records every call, everywhere, and cannot be forged"
    finding = "The audit trail leaves calls out, or could be forged."
    remedy = "Record all regions, global services and management events, with log file validation."
    category = CheckCategories.LOGGING
    types = ("aws_cloudtrail",)

    def broken(self, conf: dict[str, Any]) -> bool:
        if not true(setting(conf, "is_multi_region_trail")):
            return True
        if not true(setting(conf, "enable_log_file_validation")):
            return True
        if any(setting(conf, key) in OFF for key in SWITCHES):
            return True
        kinds = settings(conf, "event_selector.read_write_type")
        management = settings(conf, "event_selector.include_management_events")
        if any(kind not in (None, "All") for kind in kinds) or set(management) & set(OFF):
            return True
        chosen = blocks(conf, "advanced_event_selector")
        return bool(chosen) and not any(_every_management_event(one) for one in chosen)


def _every_management_event(selector: dict[str, Any]) -> bool:
    fields = blocks(selector, "field_selector")
    asked = {str(setting(field, "field")): values(field, "equals") for field in fields}
    return asked == {"eventCategory": ["Management"]}


check = AuditTrail()
