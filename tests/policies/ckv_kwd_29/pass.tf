resource "aws_ebs_volume" "pass" {
  availability_zone = "ap-southeast-2a"
  size              = 10
  tags              = { Environment = "prod", Backup = "kw" }
}

resource "aws_ebs_volume" "pass_dev" {
  availability_zone = "ap-southeast-2a"
  size              = 10
  tags              = { Environment = "dev" }
}
