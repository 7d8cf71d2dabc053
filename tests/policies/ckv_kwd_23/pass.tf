resource "aws_ecr_repository" "pass" {
  name                 = "kw"
  image_tag_mutability = "IMMUTABLE"

  image_scanning_configuration {
    scan_on_push = true
  }
}
