resource "aws_lb_listener" "pass_https" {
  load_balancer_arn = "arn:aws:elasticloadbalancing:ap-southeast-2:123456789012:loadbalancer/app/kw/0123456789abcdef"
  port              = 443
  protocol          = "HTTPS"
  certificate_arn   = "arn:aws:acm:ap-southeast-2:123456789012:certificate/00000000-0000-0000-0000-000000000000"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"

  default_action {
    type             = "forward"
    target_group_arn = "arn:aws:elasticloadbalancing:ap-southeast-2:123456789012:targetgroup/kw/0123456789abcdef"
  }
}

resource "aws_lb_listener" "pass_redirect" {
  load_balancer_arn = "arn:aws:elasticloadbalancing:ap-southeast-2:123456789012:loadbalancer/app/kw/0123456789abcdef"
  port              = 80
  protocol          = "HTTP"
  tags              = { Environment = "prod" }

  default_action {
    type = "redirect"

    redirect {
      protocol    = "HTTPS"
      port        = "443"
      status_code = "HTTP_301"
    }
  }
}

resource "aws_lb_listener" "pass_dev" {
  load_balancer_arn = "arn:aws:elasticloadbalancing:ap-southeast-2:123456789012:loadbalancer/app/kw/0123456789abcdef"
  port              = 80
  protocol          = "HTTP"
  tags              = { Environment = "dev" }

  default_action {
    type             = "forward"
    target_group_arn = "arn:aws:elasticloadbalancing:ap-southeast-2:123456789012:targetgroup/kw/0123456789abcdef"
  }
}
