# Secrets of where traces go: Phoenix, which is ours, and Langfuse, which is somebody else's.

locals {
  phoenix_parts = ["admin_password", "admin_secret", "database_password", "secret"]
}

resource "aws_secretsmanager_secret" "phoenix" {
  name                    = local.names.phoenix
  description             = "Phoenix: ${join(", ", local.phoenix_parts)}"
  recovery_window_in_days = var.recovery_days
}

resource "aws_lambda_invocation" "phoenix" {
  function_name = aws_lambda_function.values.function_name
  input = jsonencode({
    secret     = aws_secretsmanager_secret.phoenix.arn
    value      = { for part in local.phoenix_parts : part => local.random }
    generation = var.phoenix_generation
  })
}

resource "aws_secretsmanager_secret" "langfuse" {
  name                    = local.names.langfuse
  description             = "Langfuse: public_key and secret_key; \"off\" until somebody puts keys here"
  recovery_window_in_days = var.recovery_days
}

# ECS starts no task whose secret is empty. People put their keys in with `aws secretsmanager
# put-secret-value`, and no apply writes over them.
resource "aws_lambda_invocation" "langfuse" {
  function_name = aws_lambda_function.values.function_name
  input = jsonencode({
    secret = aws_secretsmanager_secret.langfuse.arn
    value  = { public_key = "off", secret_key = "off" }
  })
}

# Deployments from before the function, as in main.tf.
removed {
  from = aws_secretsmanager_secret_version.phoenix

  lifecycle {
    destroy = false
  }
}

removed {
  from = aws_secretsmanager_secret_version.langfuse

  lifecycle {
    destroy = false
  }
}
