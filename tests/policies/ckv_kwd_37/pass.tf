resource "aws_secretsmanager_secret" "pass" {
  name = "kw/pass/neo4j"
  tags = { Environment = "prod" }
}

resource "aws_secretsmanager_secret_rotation" "for" {
  secret_id           = aws_secretsmanager_secret.pass.id
  rotation_lambda_arn = "arn:aws:lambda:ap-southeast-2:123456789012:function:rotate"

  rotation_rules {
    automatically_after_days = 30
  }
}

resource "aws_secretsmanager_secret" "pass_other" {
  name = "kw/langfuse"
  tags = { Environment = "prod" }
}

resource "aws_secretsmanager_secret" "pass_dev" {
  name = "kw/dev/neo4j"
  tags = { Environment = "dev" }
}
