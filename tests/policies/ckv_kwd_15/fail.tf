resource "aws_secretsmanager_secret_version" "fail_text" {
  secret_id     = "x"
  secret_string = "generated"
}

resource "aws_secretsmanager_secret_version" "fail_bytes" {
  secret_id     = "x"
  secret_binary = "Z2VuZXJhdGVk"
}

resource "aws_ssm_parameter" "fail_parameter" {
  name  = "/kw/key"
  type  = "SecureString"
  value = "generated"
}

resource "aws_db_instance" "fail_password" {
  identifier          = "x"
  engine              = "postgres"
  engine_version      = "16.4"
  instance_class      = "db.t4g.micro"
  allocated_storage   = 20
  username            = "phoenix"
  password            = "generated"
  skip_final_snapshot = true
}

resource "aws_iam_access_key" "fail_key" {
  user = "bob"
}
