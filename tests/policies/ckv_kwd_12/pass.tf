resource "aws_ebs_volume" "pass" {
  availability_zone = "ap-southeast-2a"
  size              = 10
  encrypted         = true
}

resource "aws_instance" "pass" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "t3.small"

  root_block_device {
    encrypted = true
  }
}

resource "aws_efs_file_system" "pass" {
  encrypted = true
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
  storage_encrypted   = true
}
