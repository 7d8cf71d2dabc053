resource "aws_db_parameter_group" "free" {
  name   = "free"
  family = "postgres16"

  parameter {
    name  = "rds.force_ssl"
    value = "0"
  }
}

resource "aws_db_instance" "fail_group" {
  identifier           = "x"
  engine               = "postgres"
  engine_version       = "16.4"
  instance_class       = "db.t4g.micro"
  allocated_storage    = 20
  username             = "phoenix"
  password_wo          = "x"
  password_wo_version  = 1
  skip_final_snapshot  = true
  parameter_group_name = aws_db_parameter_group.free.name
}

resource "aws_db_instance" "fail_default_of_14" {
  identifier          = "x"
  engine              = "postgres"
  engine_version      = "14.12"
  instance_class      = "db.t4g.micro"
  allocated_storage   = 20
  username            = "phoenix"
  password_wo         = "x"
  password_wo_version = 1
  skip_final_snapshot = true
}

resource "aws_ecs_task_definition" "fail_mount" {
  family                = "x"
  container_definitions = jsonencode([])

  volume {
    name = "data"

    efs_volume_configuration {
      file_system_id     = "fs-0123456789abcdef0"
      transit_encryption = "DISABLED"
    }
  }
}

resource "aws_efs_file_system" "fail_files" {
  creation_token = "b"
}
