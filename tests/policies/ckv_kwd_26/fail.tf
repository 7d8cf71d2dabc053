resource "aws_lb" "fail_not_written" {
  name    = "x"
  subnets = ["subnet-1", "subnet-2"]
}

resource "aws_lb" "fail_off" {
  name                       = "x"
  subnets                    = ["subnet-1", "subnet-2"]
  drop_invalid_header_fields = false
}
