resource "aws_lb_listener" "fail_inline_skip" {
  # checkov:skip=CKV_KWD_25:we know better
  load_balancer_arn = "arn:aws:elasticloadbalancing:ap-southeast-2:123456789012:loadbalancer/app/kw/0123456789abcdef"
  port              = 443
  protocol          = "HTTPS"
  certificate_arn   = "arn:aws:acm:ap-southeast-2:123456789012:certificate/00000000-0000-0000-0000-000000000000"
  ssl_policy        = "ELBSecurityPolicy-TLS-1-0-2015-04"

  default_action {
    type             = "forward"
    target_group_arn = "arn:aws:elasticloadbalancing:ap-southeast-2:123456789012:targetgroup/kw/0123456789abcdef"
  }
}
