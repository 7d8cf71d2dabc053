locals {
  https = var.tls.certificate_arn != null
  # Plain HTTP stays open beside HTTPS: it only redirects.
  ports = local.https ? toset(["80", "443"]) : toset(["80"])
}

resource "aws_security_group" "this" {
  name        = "${var.name}-alb"
  description = "Load balancer: in from clients, out to the service"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-alb" }
}

resource "aws_vpc_security_group_ingress_rule" "clients" {
  for_each = { for pair in setproduct(local.ports, var.ingress_cidrs) : "${pair[0]} ${pair[1]}" => pair }

  security_group_id = aws_security_group.this.id
  description       = each.value[0] == "443" ? "Clients" : (local.https ? "Clients, redirected to HTTPS" : "Clients, development only")
  cidr_ipv4         = each.value[1]
  from_port         = tonumber(each.value[0])
  to_port           = tonumber(each.value[0])
  ip_protocol       = "tcp"
}

resource "aws_lb" "this" {
  name                       = var.name
  load_balancer_type         = "application"
  internal                   = false
  subnets                    = var.subnet_ids
  security_groups            = [aws_security_group.this.id]
  drop_invalid_header_fields = true
  enable_deletion_protection = var.deletion_protection

  dynamic "access_logs" {
    for_each = local.logged

    content {
      enabled = true
      bucket  = aws_s3_bucket.logs[access_logs.key].id
    }
  }

  # AWS writes a test file when logging is switched on.
  depends_on = [aws_s3_bucket_policy.logs]
}

resource "aws_lb_target_group" "service" {
  name        = "${var.name}-tg"
  target_type = "ip"
  port        = var.target.port
  # TLS ends at the load balancer; behind it only the two security groups talk.
  protocol             = "HTTP"
  vpc_id               = var.vpc_id
  deregistration_delay = var.target.deregistration_seconds

  health_check {
    path                = var.target.health_path
    matcher             = "200"
    interval            = var.target.interval_seconds
    timeout             = var.target.timeout_seconds
    healthy_threshold   = var.target.healthy_threshold
    unhealthy_threshold = var.target.unhealthy_threshold
  }
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.this.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type             = local.https ? "redirect" : "forward"
    target_group_arn = local.https ? null : aws_lb_target_group.service.arn

    dynamic "redirect" {
      for_each = local.https ? [true] : []

      content {
        protocol    = "HTTPS"
        port        = "443"
        status_code = "HTTP_301"
      }
    }
  }
}

resource "aws_lb_listener" "https" {
  count = local.https ? 1 : 0

  load_balancer_arn = aws_lb.this.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = var.tls.policy
  certificate_arn   = var.tls.certificate_arn

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.service.arn
  }
}
