resource "aws_ebs_volume" "fail_disk" {
  availability_zone = "ap-southeast-2a"
  size              = 10
  tags              = { Environment = "prod" }
}

resource "aws_efs_file_system" "fail_files" {
  creation_token = "kw"
  tags           = { Environment = "prod" }
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
