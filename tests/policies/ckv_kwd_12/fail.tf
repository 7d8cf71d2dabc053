resource "aws_ebs_volume" "fail_not_written" {
  availability_zone = "ap-southeast-2a"
  size              = 10
}

resource "aws_ebs_volume" "fail_plain" {
  availability_zone = "ap-southeast-2a"
  size              = 10
  encrypted         = false
}

resource "aws_instance" "fail_root" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "t3.small"
}

resource "aws_instance" "fail_second_disk" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "t3.small"

  root_block_device {
    encrypted = true
  }

  ebs_block_device {
    device_name = "/dev/sdf"
    encrypted   = false
  }
}

resource "aws_efs_file_system" "fail_files" {
  creation_token = "x"
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
  storage_encrypted   = false
}
