resource "aws_lb_listener" "fail_not_written" {
  load_balancer_arn = "arn:aws:elasticloadbalancing:ap-southeast-2:123456789012:loadbalancer/app/kw/0123456789abcdef"
  port              = 443
  protocol          = "HTTPS"
  certificate_arn   = "arn:aws:acm:ap-southeast-2:123456789012:certificate/00000000-0000-0000-0000-000000000000"

  default_action {
    type             = "forward"
    target_group_arn = "arn:aws:elasticloadbalancing:ap-southeast-2:123456789012:targetgroup/kw/0123456789abcdef"
  }
}

resource "aws_lb_listener" "fail_2016" {
  load_balancer_arn = "arn:aws:elasticloadbalancing:ap-southeast-2:123456789012:loadbalancer/app/kw/0123456789abcdef"
  port              = 443
  protocol          = "HTTPS"
  certificate_arn   = "arn:aws:acm:ap-southeast-2:123456789012:certificate/00000000-0000-0000-0000-000000000000"
  ssl_policy        = "ELBSecurityPolicy-2016-08"

  default_action {
    type             = "forward"
    target_group_arn = "arn:aws:elasticloadbalancing:ap-southeast-2:123456789012:targetgroup/kw/0123456789abcdef"
  }
}

resource "aws_lb_listener" "fail_tls11" {
  load_balancer_arn = "arn:aws:elasticloadbalancing:ap-southeast-2:123456789012:loadbalancer/app/kw/0123456789abcdef"
  port              = 443
  protocol          = "HTTPS"
  certificate_arn   = "arn:aws:acm:ap-southeast-2:123456789012:certificate/00000000-0000-0000-0000-000000000000"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-1-2021-06"

  default_action {
    type             = "forward"
    target_group_arn = "arn:aws:elasticloadbalancing:ap-southeast-2:123456789012:targetgroup/kw/0123456789abcdef"
  }
}
