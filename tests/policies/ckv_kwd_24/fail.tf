resource "aws_lb_listener" "fail_prod" {
  load_balancer_arn = "arn:aws:elasticloadbalancing:ap-southeast-2:123456789012:loadbalancer/app/kw/0123456789abcdef"
  port              = 80
  protocol          = "HTTP"
  tags              = { Environment = "prod" }

  default_action {
    type             = "forward"
    target_group_arn = "arn:aws:elasticloadbalancing:ap-southeast-2:123456789012:targetgroup/kw/0123456789abcdef"
  }
}

resource "aws_lb_listener" "fail_redirect" {
  load_balancer_arn = "arn:aws:elasticloadbalancing:ap-southeast-2:123456789012:loadbalancer/app/kw/0123456789abcdef"
  port              = 80
  protocol          = "HTTP"
  tags              = { Environment = "prod" }

  default_action {
    type = "redirect"

    redirect {
      protocol    = "HTTP"
      port        = "443"
      status_code = "HTTP_301"
    }
  }
}
