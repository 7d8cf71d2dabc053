data "aws_caller_identity" "current" {}

data "aws_region" "current" {}

locals {
  names = {
    neo4j    = "${var.prefix}/neo4j"
    api_key  = "${var.prefix}/api-key"
    langfuse = "${var.prefix}/langfuse"
    phoenix  = "${var.prefix}/phoenix"
  }
  # Secrets Manager adds a dash and six characters of its own to each ARN. Matching them with question
  # marks lets policies be read in the plan, before the secret exists.
  patterns = {
    for key, name in local.names :
    key => "arn:aws:secretsmanager:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}:secret:${name}-??????"
  }
  random = { random = var.password_length }
}

resource "aws_secretsmanager_secret" "neo4j" {
  name                    = local.names.neo4j
  description             = "Neo4j: username and password"
  recovery_window_in_days = var.recovery_days
}

# The first password only: later ones are a rotation's, and no apply puts a password into the secret that
# the database does not know.
resource "aws_lambda_invocation" "neo4j" {
  function_name = aws_lambda_function.values.function_name
  input = jsonencode({
    secret = aws_secretsmanager_secret.neo4j.arn
    value  = { username = "neo4j", password = local.random }
  })
}

resource "aws_secretsmanager_secret" "api_key" {
  name                    = local.names.api_key
  description             = "Key that clients of the application send in x-api-key"
  recovery_window_in_days = var.recovery_days
}

resource "aws_lambda_invocation" "api_key" {
  function_name = aws_lambda_function.values.function_name
  input = jsonencode({
    secret     = aws_secretsmanager_secret.api_key.arn
    value      = local.random
    generation = var.api_key_generation
  })
}

# Deployments from before the function: Terraform forgets the versions that it wrote, the secrets keep them.
removed {
  from = aws_secretsmanager_secret_version.neo4j

  lifecycle {
    destroy = false
  }
}

removed {
  from = aws_secretsmanager_secret_version.api_key

  lifecycle {
    destroy = false
  }
}
