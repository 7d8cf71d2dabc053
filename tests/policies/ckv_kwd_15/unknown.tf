resource "aws_vpc" "later" { cidr_block = "10.0.0.0/16" }

resource "aws_secretsmanager_secret_version" "unknown" {
  secret_id                = aws_vpc.later.default_network_acl_id
  secret_string_wo         = "generated"
  secret_string_wo_version = 1
}
