resource "aws_ecr_repository" "fail_inline_skip" {
  # checkov:skip=CKV_KWD_23:we know better
  name                 = "kw"
  image_tag_mutability = "MUTABLE"

  image_scanning_configuration {
    scan_on_push = true
  }
}
