resource "aws_ecr_repository" "fail_not_written" {
  name = "kw"
}

resource "aws_ecr_repository" "fail_mutable" {
  name                 = "kw"
  image_tag_mutability = "MUTABLE"

  image_scanning_configuration {
    scan_on_push = true
  }
}

resource "aws_ecr_repository" "fail_no_scan" {
  name                 = "kw"
  image_tag_mutability = "IMMUTABLE"

  image_scanning_configuration {
    scan_on_push = false
  }
}
