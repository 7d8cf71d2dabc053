output "neo4j" {
  description = "Secret with username and password of the graph store: arn and, for policies, pattern."
  value = {
    arn     = aws_secretsmanager_secret.neo4j.arn
    pattern = local.patterns.neo4j
  }

  # Who uses it may start only once there is a value in it.
  depends_on = [aws_secretsmanager_secret_version.neo4j]
}

output "api_key" {
  description = "Secret with the application's key: arn and, for policies, pattern."
  value = {
    arn     = aws_secretsmanager_secret.api_key.arn
    pattern = local.patterns.api_key
  }

  # Who uses it may start only once there is a value in it.
  depends_on = [aws_secretsmanager_secret_version.api_key]
}

output "patterns" {
  description = "ARN patterns of all secrets of the application."
  value       = [for key in sort(keys(local.patterns)) : local.patterns[key]]
}
