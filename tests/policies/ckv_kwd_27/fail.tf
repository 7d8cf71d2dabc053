resource "aws_lb" "fail_balancer" {
  name    = "x"
  subnets = ["subnet-1", "subnet-2"]
  tags    = { Environment = "prod" }
}

resource "aws_instance" "fail_machine" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "t3.small"
  tags          = { Environment = "prod" }
}

resource "aws_db_instance" "fail_database" {
  identifier          = "x"
  engine              = "postgres"
  engine_version      = "16.4"
  instance_class      = "db.t4g.micro"
  allocated_storage   = 20
  username            = "phoenix"
  password_wo         = "x"
  password_wo_version = 1
  skip_final_snapshot = true
  tags                = { Environment = "prod" }
}

resource "aws_db_instance" "fail_last_snapshot" {
  identifier          = "x"
  engine              = "postgres"
  engine_version      = "16.4"
  instance_class      = "db.t4g.micro"
  allocated_storage   = 20
  username            = "phoenix"
  password_wo         = "x"
  password_wo_version = 1
  skip_final_snapshot = true
  deletion_protection = true
  tags                = { Environment = "prod" }
}

resource "aws_s3_bucket" "fail_bucket" {
  tags          = { Environment = "prod" }
  force_destroy = true
}

resource "aws_secretsmanager_secret" "fail_secret" {
  name                    = "y"
  recovery_window_in_days = 0
  tags                    = { Environment = "prod" }
}

resource "aws_backup_vault" "fail_vault" {
  name          = "kw"
  force_destroy = true
  tags          = { Environment = "prod" }
}
