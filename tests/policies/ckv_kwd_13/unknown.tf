resource "aws_vpc" "later" { cidr_block = "10.0.0.0/16" }

resource "aws_db_instance" "unknown" {
  identifier           = "x"
  engine               = "postgres"
  engine_version       = "16.4"
  instance_class       = "db.t4g.micro"
  allocated_storage    = 20
  username             = "phoenix"
  password_wo          = "x"
  password_wo_version  = 1
  skip_final_snapshot  = true
  parameter_group_name = aws_vpc.later.default_network_acl_id
}
