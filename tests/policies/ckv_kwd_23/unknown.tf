resource "aws_vpc" "later" { cidr_block = "10.0.0.0/16" }

resource "aws_ecr_repository" "unknown" {
  name                 = "kw"
  image_tag_mutability = aws_vpc.later.default_network_acl_id

  image_scanning_configuration {
    scan_on_push = true
  }
}
