resource "aws_secretsmanager_secret" "fail_none" {
  name = "kw/none/neo4j"
  tags = { Environment = "prod" }
}

resource "aws_secretsmanager_secret" "fail_seldom" {
  name = "kw/seldom/neo4j"
  tags = { Environment = "prod" }
}

resource "aws_secretsmanager_secret_rotation" "seldom" {
  secret_id           = aws_secretsmanager_secret.fail_seldom.id
  rotation_lambda_arn = "arn:aws:lambda:ap-southeast-2:123456789012:function:rotate"

  rotation_rules {
    automatically_after_days = 365
  }
}
