output "names" {
  description = "Names of the budgets by period: daily, monthly."
  value       = { for period, budget in aws_budgets_budget.this : period => budget.name }
}
