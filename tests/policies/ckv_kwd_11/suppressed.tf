resource "aws_instance" "fail_inline_skip" {
  # checkov:skip=CKV_KWD_11:we know better
  ami           = "ami-0123456789abcdef0"
  instance_type = "t3.small"

  metadata_options {
    http_tokens = "optional"
  }
}
