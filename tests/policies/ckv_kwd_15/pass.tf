resource "aws_secretsmanager_secret_version" "pass" {
  secret_id                = "x"
  secret_string_wo         = "generated"
  secret_string_wo_version = 1
}

resource "aws_ssm_parameter" "pass_plain" {
  name  = "/kw/size"
  type  = "String"
  value = "2"
}

resource "aws_db_instance" "pass" {
  identifier          = "x"
  engine              = "postgres"
  engine_version      = "16.4"
  instance_class      = "db.t4g.micro"
  allocated_storage   = 20
  username            = "phoenix"
  password_wo         = "x"
  password_wo_version = 1
  skip_final_snapshot = true
}
