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

  name       = local.name
  disposable = var.disposable
}
