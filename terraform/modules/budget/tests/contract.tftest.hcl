# What callers rely on: a day over its limit is told, a month before it ends.
mock_provider "aws" {}

variables {
  name        = "knowledgeweaver-test"
  environment = "test"
  daily_usd   = 5
  monthly_usd = 95
  tell        = { topic_arn = "arn:aws:sns:ap-southeast-2:123456789012:knowledgeweaver-test-alerts" }
}

run "environment" {
  command = plan

  assert {
    condition     = aws_budgets_budget.this["daily"].time_unit == "DAILY" && aws_budgets_budget.this["daily"].limit_amount == "5" && length(aws_budgets_budget.this["daily"].notification) == 1
    error_message = "US$5 a day, told once."
  }

  assert {
    condition     = alltrue([for budget in aws_budgets_budget.this : !budget.cost_types[0].include_credit && !budget.cost_types[0].include_refund])
    error_message = "What is used counts, whoever pays for it."
  }

  assert {
    condition     = one(aws_budgets_budget.this["daily"].cost_filter).values[0] == join("$", ["user:Environment", "test"])
    error_message = "Only this environment's cost counts."
  }

  assert {
    condition     = length(aws_budgets_budget.this["monthly"].notification) == 3 && alltrue([for warning in aws_budgets_budget.this["monthly"].notification : contains(warning.subscriber_sns_topic_arns, var.tell.topic_arn)])
    error_message = "A month is told at 80 %, at 100 % and when 100 % is foreseen."
  }
}

run "account" {
  command = plan

  variables {
    environment = null
    daily_usd   = null
    tell        = { emails = ["oncall@example.com"] }
  }

  assert {
    condition     = keys(aws_budgets_budget.this) == ["monthly"] && length(aws_budgets_budget.this["monthly"].cost_filter) == 0
    error_message = "The whole account by the month."
  }
}
