resource "aws_vpc" "later" { cidr_block = "10.0.0.0/16" }

resource "aws_secretsmanager_secret" "unknown" {
  name = "kw/later/neo4j"
  tags = { Environment = "prod" }
}

resource "aws_secretsmanager_secret_rotation" "somewhere" {
  secret_id           = aws_secretsmanager_secret.unknown.id
  rotation_lambda_arn = "arn:aws:lambda:ap-southeast-2:123456789012:function:rotate"

  rotation_rules {
    automatically_after_days = length(aws_vpc.later.id)
  }
}

resource "aws_secretsmanager_secret" "unknown_name" {
  name = aws_vpc.later.default_network_acl_id
}
