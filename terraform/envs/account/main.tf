locals {
  name = "knowledgeweaver"
  budgets = merge(
    { for name, budget in var.budgets : name => merge(budget, { environment = name }) },
    # The whole account, whatever its tags: what no environment's budget sees, this one does.
    { account = { environment = null, daily_usd = null, monthly_usd = var.cost.monthly_usd } },
  )
}

module "github_oidc" {
  source = "../../modules/github_oidc"

  name       = local.name
  github     = var.github
  workspaces = var.workspaces

  create_provider = var.create_provider
}

module "ecr" {
  source = "../../modules/ecr"

  name       = local.name
  disposable = var.disposable
}

module "stores" {
  source = "../../modules/stores"

  name = local.name
}

module "audit" {
  source = "../../modules/audit"

  name                 = local.name
  object_buckets       = ["${local.name}-ledger-", "${local.name}-records-", "${local.name}-state-"]
  lock                 = var.audit.lock
  keep_days            = var.audit.keep_days
  log_days             = var.audit.log_days
  permissions_boundary = module.github_oidc.workload_boundary_arn
}

# Of the environments too: here no environment's role can lift its own limit.
module "budget" {
  source   = "../../modules/budget"
  for_each = local.budgets

  name        = "${local.name}-${each.key}"
  environment = each.value.environment
  daily_usd   = each.value.daily_usd
  monthly_usd = each.value.monthly_usd
  tell        = { emails = [var.alert_email], topic_arn = var.cost.topic_arn }
}

module "cost_guard" {
  source = "../../modules/cost_guard"

  name          = local.name
  emails        = [var.alert_email]
  anomalies     = var.cost.anomalies
  impact_usd    = var.cost.anomaly_usd
  activate_tags = var.cost.activate_tags
}
