resource "aws_secretsmanager_secret_version" "fail_inline_skip" {
  # checkov:skip=CKV_KWD_15:we know better
  secret_id     = "x"
  secret_string = "generated"
}
