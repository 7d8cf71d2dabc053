locals {
  # AWS compares a day's real cost only; forecasts exist for months.
  budgets = {
    for period, budget in {
      daily = { unit = "DAILY", limit = var.daily_usd, warnings = [{ kind = "ACTUAL", percent = 100 }] }
      monthly = { unit = "MONTHLY", limit = var.monthly_usd, warnings = [
        { kind = "ACTUAL", percent = 80 },
        { kind = "ACTUAL", percent = 100 },
        { kind = "FORECASTED", percent = 100 },
      ] }
    } : period => budget if budget.limit != null
  }
}

resource "aws_budgets_budget" "this" {
  for_each = local.budgets

  name         = "${var.name}-${each.key}"
  budget_type  = "COST"
  time_unit    = each.value.unit
  limit_amount = tostring(each.value.limit)
  limit_unit   = "USD"

  # What is used counts, also while credits or refunds pay for it: the first bill after them is no surprise then.
  cost_types {
    include_credit = false
    include_refund = false
  }

  dynamic "cost_filter" {
    for_each = var.environment == null ? [] : [var.environment]

    content {
      name   = "TagKeyValue"
      values = [format("user:Environment$%s", cost_filter.value)]
    }
  }

  dynamic "notification" {
    for_each = each.value.warnings

    content {
      notification_type          = notification.value.kind
      comparison_operator        = "GREATER_THAN"
      threshold                  = notification.value.percent
      threshold_type             = "PERCENTAGE"
      subscriber_sns_topic_arns  = var.tell.topic_arn == null ? [] : [var.tell.topic_arn]
      subscriber_email_addresses = var.tell.emails
    }
  }
}
