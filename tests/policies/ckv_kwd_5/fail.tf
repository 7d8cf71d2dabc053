# The state (tests/policies/conftest.py) has this volume in another zone, and a bucket fail_gone
# that is not here.
resource "aws_ebs_volume" "fail_replaced" {
  availability_zone = "ap-southeast-2b"
  size              = 10
}
