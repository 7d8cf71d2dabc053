# The module as others call it: Terraform allows ephemeral outputs in a called module only, and the tests
# run what they test as a root.
variable "prefix" {
  type = string
}

variable "api_key_generation" {
  type    = number
  default = 1
}

variable "phoenix_generation" {
  type    = number
  default = 1
}

module "secrets" {
  source = "../.."

  prefix             = var.prefix
  api_key_generation = var.api_key_generation
  phoenix_generation = var.phoenix_generation
  recovery_days      = 0
}

locals {
  secrets = {
    api_key  = module.secrets.api_key
    langfuse = module.secrets.langfuse
    neo4j    = module.secrets.neo4j
    phoenix  = module.secrets.phoenix
  }
}

data "aws_secretsmanager_secret_versions" "of" {
  for_each = toset(keys(local.secrets))

  secret_id = local.secrets[each.key].arn

  depends_on = [module.secrets]
}

output "secrets" {
  value = local.secrets
}

output "patterns" {
  value = module.secrets.patterns
}

output "versions" {
  value = { for key, found in data.aws_secretsmanager_secret_versions.of : key => found.versions[*].version_id }
}
