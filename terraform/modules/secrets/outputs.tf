output "neo4j" {
  description = "Secret with username and password of the graph store: name, arn and, for policies, pattern."
  value = {
    name    = local.names.neo4j
    arn     = aws_secretsmanager_secret.neo4j.arn
    pattern = local.patterns.neo4j
  }

  # Who uses it may start only once there is a value in it.
  depends_on = [aws_lambda_invocation.neo4j]
}

output "api_key" {
  description = "Secret with the application's key: arn and, for policies, pattern."
  value = {
    arn     = aws_secretsmanager_secret.api_key.arn
    pattern = local.patterns.api_key
  }

  # Who uses it may start only once there is a value in it.
  depends_on = [aws_lambda_invocation.api_key]
}

output "langfuse" {
  description = "Secret with public_key and secret_key of Langfuse, both \"off\" until people replace them: arn and, for policies, pattern."
  value = {
    arn     = aws_secretsmanager_secret.langfuse.arn
    pattern = local.patterns.langfuse
  }

  # Who uses it may start only once there is a value in it.
  depends_on = [aws_lambda_invocation.langfuse]
}

output "phoenix" {
  description = "Secret with secret, admin_secret, admin_password and database_password of Phoenix: arn and, for policies, pattern; its generation, and the function that gives the database its password."
  value = {
    arn        = aws_secretsmanager_secret.phoenix.arn
    pattern    = local.patterns.phoenix
    generation = var.phoenix_generation
    function   = aws_lambda_function.values.function_name
  }

  # Who uses it may start only once there is a value in it.
  depends_on = [aws_lambda_invocation.phoenix]
}

output "patterns" {
  description = "ARN patterns of the secrets that the application reads: its key, the graph store's password, Langfuse's keys."
  value       = [for key in ["api_key", "langfuse", "neo4j"] : local.patterns[key]]
}
