locals {
  name = "knowledgeweaver"
}

module "github_oidc" {
  source = "../../modules/github_oidc"

  name       = local.name
  github     = var.github
  workspaces = var.workspaces
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

# The whole account, whatever its tags: what no environment's budget sees, this one does.
module "budget" {
  source = "../../modules/budget"

  name        = "${local.name}-account"
  monthly_usd = var.cost.monthly_usd
  tell        = { emails = [var.alert_email] }
}

module "cost_guard" {
  source = "../../modules/cost_guard"

  name          = local.name
  emails        = [var.alert_email]
  impact_usd    = var.cost.anomaly_usd
  activate_tags = var.cost.activate_tags
}
