resource "aws_lb_listener" "fail_inline_skip" {
  # checkov:skip=CKV_KWD_24:we know better
  load_balancer_arn = "arn:aws:elasticloadbalancing:ap-southeast-2:123456789012:loadbalancer/app/kw/0123456789abcdef"
  port              = 80
  protocol          = "HTTP"
  tags              = { Environment = "prod" }

  default_action {
    type             = "forward"
    target_group_arn = "arn:aws:elasticloadbalancing:ap-southeast-2:123456789012:targetgroup/kw/0123456789abcdef"
  }
}
