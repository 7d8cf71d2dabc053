resource "aws_lb" "pass" {
  name                       = "x"
  subnets                    = ["subnet-1", "subnet-2"]
  drop_invalid_header_fields = true
}

resource "aws_lb" "pass_network" {
  name               = "x"
  subnets            = ["subnet-1", "subnet-2"]
  load_balancer_type = "network"
}
