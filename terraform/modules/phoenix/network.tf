# Two ways in: people through the load balancer's path rule, the application by a name inside the network.

resource "aws_security_group" "this" {
  name        = "${var.name}-phoenix"
  description = "Phoenix: in from the load balancer and the application"
  vpc_id      = var.network.vpc_id

  tags = { Name = "${var.name}-phoenix" }
}

resource "aws_vpc_security_group_ingress_rule" "clients" {
  for_each = {
    load_balancer = { group = var.load_balancer.group_id, why = "People and health checks, by the load balancer" }
    application   = { group = var.network.client_group_id, why = "Traces of the application" }
  }

  security_group_id            = aws_security_group.this.id
  description                  = each.value.why
  referenced_security_group_id = each.value.group
  from_port                    = local.port
  to_port                      = local.port
  ip_protocol                  = "tcp"
}

resource "aws_vpc_security_group_egress_rule" "clients" {
  for_each = {
    load_balancer = var.load_balancer.group_id
    application   = var.network.client_group_id
  }

  security_group_id            = each.value
  description                  = "To Phoenix"
  referenced_security_group_id = aws_security_group.this.id
  from_port                    = local.port
  to_port                      = local.port
  ip_protocol                  = "tcp"
}

resource "aws_vpc_security_group_egress_rule" "aws" {
  security_group_id = aws_security_group.this.id
  description       = "Its image, its secret and its log, over TLS"
  cidr_ipv4         = "0.0.0.0/0"
  from_port         = 443
  to_port           = 443
  ip_protocol       = "tcp"
}

resource "aws_lb_target_group" "this" {
  name        = "${var.name}-phoenix"
  target_type = "ip"
  port        = local.port
  # TLS ends at the load balancer; behind it only the two security groups talk.
  protocol             = "HTTP"
  vpc_id               = var.network.vpc_id
  deregistration_delay = 10

  # Asks the database too; what is below the prefix could be the page, which says 200 to everything.
  health_check {
    path                = "/readyz"
    matcher             = "200"
    interval            = 15
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }
}

resource "aws_lb_listener_rule" "this" {
  listener_arn = var.load_balancer.listener_arn
  priority     = 10

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this.arn
  }

  # Not /phoenix*, which would take /phoenixes away from the application as well.
  condition {
    path_pattern {
      values = [local.path, "${local.path}/*"]
    }
  }

  tags = { Name = "${var.name}-phoenix" }
}

resource "aws_service_discovery_private_dns_namespace" "this" {
  name        = "${var.name}.internal"
  description = "Names inside the network"
  vpc         = var.network.vpc_id
}

resource "aws_service_discovery_service" "this" {
  name        = "phoenix"
  description = "Tasks of Phoenix"

  dns_config {
    namespace_id   = aws_service_discovery_private_dns_namespace.this.id
    routing_policy = "MULTIVALUE"

    dns_records {
      type = "A"
      ttl  = 10
    }
  }
}
