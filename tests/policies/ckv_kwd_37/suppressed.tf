resource "aws_secretsmanager_secret" "fail_inline_skip" {
  # checkov:skip=CKV_KWD_37:we know better
  name = "kw/quiet/neo4j"
  tags = { Environment = "prod" }
}
