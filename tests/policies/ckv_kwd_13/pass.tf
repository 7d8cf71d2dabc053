resource "aws_db_parameter_group" "tls" {
  name   = "tls"
  family = "postgres16"

  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }
}

resource "aws_db_instance" "pass_group" {
  identifier           = "x"
  engine               = "postgres"
  engine_version       = "16.4"
  instance_class       = "db.t4g.micro"
  allocated_storage    = 20
  username             = "phoenix"
  password_wo          = "x"
  password_wo_version  = 1
  skip_final_snapshot  = true
  parameter_group_name = aws_db_parameter_group.tls.name
}

resource "aws_db_instance" "pass_default_of_16" {
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

resource "aws_ecs_task_definition" "pass_mount" {
  family                = "x"
  container_definitions = jsonencode([])

  volume {
    name = "data"

    efs_volume_configuration {
      file_system_id     = "fs-0123456789abcdef0"
      transit_encryption = "ENABLED"
    }
  }
}

resource "aws_efs_file_system" "pass_files" {
  creation_token = "a"
}

resource "aws_efs_file_system_policy" "files" {
  file_system_id = aws_efs_file_system.pass_files.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Deny", Principal = { AWS = "*" }, Action = "*", Resource = "*", Condition = { Bool = { "aws:SecureTransport" = "false" } } },
    ]
  })
}
