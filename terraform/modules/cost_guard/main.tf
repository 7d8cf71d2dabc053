# A monitor of our own for this project's tag: an account may have only one by service, and AWS makes that one itself.
resource "aws_ce_anomaly_monitor" "project" {
  count = var.anomalies ? 1 : 0

  name         = var.name
  monitor_type = "CUSTOM"
  # The nulls are how the provider reads it back; without them every plan would replace the monitor.
  monitor_specification = jsonencode({
    And            = null
    CostCategories = null
    Dimensions     = null
    Not            = null
    Or             = null
    Tags           = { Key = "Project", MatchOptions = null, Values = [var.project] }
  })
}

resource "aws_ce_anomaly_subscription" "project" {
  count = var.anomalies ? 1 : 0

  name             = var.name
  frequency        = "DAILY"
  monitor_arn_list = [aws_ce_anomaly_monitor.project[0].arn]

  dynamic "subscriber" {
    for_each = var.emails

    content {
      type    = "EMAIL"
      address = subscriber.value
    }
  }

  threshold_expression {
    dimension {
      key           = "ANOMALY_TOTAL_IMPACT_ABSOLUTE"
      match_options = ["GREATER_THAN_OR_EQUAL"]
      values        = [tostring(var.impact_usd)]
    }
  }
}

resource "aws_ce_cost_allocation_tag" "this" {
  for_each = var.activate_tags ? toset(["Environment", "Project", "Stack"]) : []

  tag_key = each.key
  status  = "Active"
}
