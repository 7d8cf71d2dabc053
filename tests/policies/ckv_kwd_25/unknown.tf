resource "aws_vpc" "later" { cidr_block = "10.0.0.0/16" }

resource "aws_lb_listener" "unknown" {
  load_balancer_arn = "arn:aws:elasticloadbalancing:ap-southeast-2:123456789012:loadbalancer/app/kw/0123456789abcdef"
  port              = 443
  protocol          = "HTTPS"
  certificate_arn   = "arn:aws:acm:ap-southeast-2:123456789012:certificate/00000000-0000-0000-0000-000000000000"
  ssl_policy        = aws_vpc.later.default_network_acl_id

  default_action {
    type             = "forward"
    target_group_arn = "arn:aws:elasticloadbalancing:ap-southeast-2:123456789012:targetgroup/kw/0123456789abcdef"
  }
}
